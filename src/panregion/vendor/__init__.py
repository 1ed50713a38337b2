"""Other people's scripts and data for pages, as they were published; LICENSES says whose they are. No code of ours."""
