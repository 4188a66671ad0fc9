"""What every Web API method is made of: who calls, with which arguments, page by page."""
