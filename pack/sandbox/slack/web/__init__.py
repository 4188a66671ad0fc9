"""The Web API over HTTP: requests in, answers out, limits kept."""
