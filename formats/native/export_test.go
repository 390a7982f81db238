package native

// MadeSchemas lets the tests compare what is published with the description.
var MadeSchemas = madeSchemas
