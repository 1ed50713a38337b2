"""A file for each page: an async function of the site, what was asked, and the named parts of its address."""
