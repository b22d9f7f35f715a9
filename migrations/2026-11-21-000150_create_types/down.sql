DROP DOMAIN success_status, key_text, sha256, child_index, ordinal, description, person_name, email,
            msisdn, actor, offer_status, offer_type, party_role, network, asset, rate, amount;
