"""What the pages about tables and items share: DynamoDB's JSON, commands, and figures of tables. Pure but tables.py."""
