package untp

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"

	"accord/formats/jsondoc"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// enveloping is the type of a secured credential inside JSON (VCDM 2.0, section
// 4.13 "Enveloped Verifiable Credentials").
const enveloping = "EnvelopedVerifiableCredential"

// dataPrefix begins the id of an enveloped credential that is a compact JWS.
const dataPrefix = "data:application/vc+jwt,"

// Unwrap returns the compact JWS of an EnvelopedVerifiableCredential, as it is
// exchanged: an object whose id is a data: URL, often once more inside of
// {"verifiableCredential": …}. ok is false for JSON that is no envelope. An
// envelope that holds something else than one vc+jwt is a fault at its place.
func Unwrap(src []byte) (jws []byte, ok bool, err error) {
	// A document that only mentions the type may be anything.
	if !bytes.HasPrefix(bytes.TrimLeft(src, " \t\r\n"), []byte("{")) || !bytes.Contains(src, []byte(enveloping)) {
		return nil, false, nil
	}
	root, err := jsondoc.Parse(src)
	if err != nil {
		return nil, false, err
	}
	at := ""
	if inner := root.Member("verifiableCredential"); inner != nil {
		at, root = "/verifiableCredential", inner
		if inner.Kind == strictjson.Array {
			if len(inner.Elements) != 1 {
				return nil, false, fault.At(fault.SchemaLength, at, "send one credential at a time")
			}
			at, root = at+"/0", &inner.Elements[0]
		}
	}
	if !isType(root.Member("type"), enveloping) {
		return nil, false, nil
	}
	text, found := strings.CutPrefix(text(root, "id"), dataPrefix)
	if !found {
		return nil, false, fault.At(fault.SchemaFormat, at+"/id", "want a data: URL of application/vc+jwt")
	}
	return []byte(text), true, nil
}

// isType reports whether a type, one string or a list, names a type.
func isType(v *jsondoc.Value, typ string) bool {
	if v == nil {
		return false
	}
	if v.Kind == strictjson.String {
		return v.Text == typ
	}
	return slices.ContainsFunc(v.Elements, func(e jsondoc.Value) bool { return e.Kind == strictjson.String && e.Text == typ })
}

// unwrap returns the credential inside an envelope. Its signature is not looked
// at: that is for package signing, on the octets as they came.
func unwrap(src []byte) (credential []byte, enveloped bool, err error) {
	jws, ok, err := Unwrap(src)
	if err != nil || !ok {
		return src, false, err
	}
	parts := bytes.Split(jws, []byte("."))
	if len(parts) != 3 {
		return nil, false, fault.New(fault.JWSMalformed, "the enveloped credential is not a compact JWS")
	}
	payload, err := base64.RawURLEncoding.Strict().DecodeString(string(parts[1]))
	if err != nil {
		return nil, false, fault.New(fault.JWSBase64, "the payload of the enveloped credential is not base64url")
	}
	return payload, true, nil
}
