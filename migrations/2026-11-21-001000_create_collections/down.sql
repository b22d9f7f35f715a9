DROP TABLE mpesa_receipts;
DROP TABLE phone_prompts;
DROP TABLE collections;
