package native

import (
	"embed"
	"io/fs"
)

// published holds the schemas as they are published. They are made of the
// description; a test keeps them fresh (go test ./formats/native -run
// TestSchemas_areFresh -update writes them).
//
//go:embed schema/*
var published embed.FS

// Schemas returns the published schemas by file name: the JSON Schemas of
// submission, view and status statement, and the XML Schema with the one it imports.
func Schemas() map[string][]byte {
	out := map[string][]byte{}
	entries, err := fs.ReadDir(published, "schema")
	if err != nil {
		panic(err) // embedded at build time
	}
	for _, e := range entries {
		b, err := published.ReadFile("schema/" + e.Name())
		if err != nil {
			panic(err)
		}
		out[e.Name()] = b
	}
	return out
}

// madeSchemas makes the schemas anew.
func madeSchemas() map[string][]byte {
	out := jsonSchemas()
	out["attestation.xsd"] = xmlSchema()
	out["xml.xsd"] = xmlAttributes()
	return out
}
