DROP TABLE callbacks;
DROP TABLE callback_tokens;
