"""Block Kit: the rules for blocks, attachments and views, and what Slack answers when they are broken."""
