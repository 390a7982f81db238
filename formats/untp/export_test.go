package untp

// MakeSchema writes the JSON Schema of a root shape anew.
var MakeSchema = makeSchema

// CheckDocument holds JSON against the shape of a schema, as a released schema
// does (strict) or as we do on receipt.
var CheckDocument = checkDocument
