package did

import (
	"strconv"

	"accord/internal/strictjson"
	"accord/signing"
)

// MediaType is that of a DID document as we publish it (DID Core 1.0, section 6.2).
const MediaType = "application/did+json"

// MethodURL returns the URL of the verification method of a key in a document of
// [Build]: the kid of the credentials that it signs.
func MethodURL(did string, k *signing.Key) string { return did + "#" + k.Thumbprint() }

// Build writes our own document in the form of RFC 8785, to be served at the URL
// of the DID: each key as a JsonWebKey under its thumbprint, for assertions only.
// Which keys belong there (those for documents, in their window) is said by the
// caller. anchors are the URLs of the identity anchors that registrars issued.
func Build(did string, keys []*signing.Key, anchors ...string) []byte {
	out := []byte(`{"@context":["https://www.w3.org/ns/did/v1","https://www.w3.org/ns/cid/v1"],"assertionMethod":[`)
	for i, k := range keys {
		out = comma(out, i)
		out = strictjson.AppendString(out, MethodURL(did, k))
	}
	out = strictjson.AppendString(append(out, `],"id":`...), did)
	if len(anchors) > 0 {
		out = append(out, `,"service":[`...)
		for i, url := range anchors {
			out = comma(out, i)
			out = strictjson.AppendString(append(out, `{"id":`...), did+"#dia-"+strconv.Itoa(i+1))
			out = strictjson.AppendString(append(out, `,"serviceEndpoint":`...), url)
			out = append(out, `,"type":"`+TypeDIA+`"}`...)
		}
		out = append(out, ']')
	}
	out = append(out, `,"verificationMethod":[`...)
	for i, k := range keys {
		out = comma(out, i)
		out = strictjson.AppendString(append(out, `{"controller":`...), did)
		out = strictjson.AppendString(append(out, `,"id":`...), MethodURL(did, k))
		out = append(append(out, `,"publicKeyJwk":`...), k.JWK()...)
		out = append(out, `,"type":"JsonWebKey"}`...)
	}
	return append(out, "]}"...)
}

func comma(out []byte, i int) []byte {
	if i > 0 {
		return append(out, ',')
	}
	return out
}
