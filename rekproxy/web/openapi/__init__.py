"""The description of every route: data, a document in OpenAPI's form, and a page of our own."""
