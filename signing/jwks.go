package signing

import (
	"strconv"

	"accord/internal/fault"
	"accord/internal/strictjson"
)

// MaxKeySet bounds a JWKS (signing.md, "Trust").
const MaxKeySet = 1 << 20

// maxKeys is more than any partner rotates through; each key costs a check.
const maxKeys = 256

// ParseKeySet reads a JWKS (RFC 7517, section 5). A key that is not acceptable
// does not spoil the others: it is listed in refused, at /keys/N. A kid that
// stands for two different keys is an error, for nobody could say which is
// meant.
func ParseKeySet(jwks []byte) (keys []*Key, refused fault.List, err error) {
	texts, err := splitKeySet(jwks)
	if err != nil {
		return nil, nil, err
	}
	byKID := make(map[string]*Key, len(texts))
	for i, text := range texts {
		k, err := ParseKey(octets(text))
		if err != nil {
			f := *fault.All(err)[0]
			f.At = "/keys/" + strconv.Itoa(i)
			refused = append(refused, &f)
			continue
		}
		if other, ok := byKID[k.KID]; ok {
			if other.thumbprint != k.thumbprint {
				return nil, nil, fault.At(fault.KeyRejected, "/keys/"+strconv.Itoa(i), "the kid stands for two keys")
			}
			continue
		}
		byKID[k.KID] = k
		keys = append(keys, k)
	}
	return keys, refused, nil
}

// splitKeySet returns the keys of a set as they are written.
func splitKeySet(src []byte) ([]string, error) {
	r := strictjson.NewReader(src, strictjson.Limits{Depth: maxDepth, Members: 32 * maxKeys, Bytes: MaxKeySet})
	if r.Kind() != strictjson.Object && r.Err() == nil {
		return nil, rejected("a key set is a JSON object")
	}
	var texts []string
	found := false
	r.Open()
	for r.More() {
		if r.Name() != "keys" {
			r.Skip()
			continue
		}
		found = true
		if r.Kind() != strictjson.Array {
			r.Fail(rejected("keys must be a list"))
			break
		}
		r.Open()
		for r.More() {
			if len(texts) == maxKeys {
				r.Fail(rejected("too many keys"))
				break
			}
			texts = append(texts, r.Raw())
		}
		r.Close()
	}
	r.Close()
	if err := r.Finish(); err != nil {
		return nil, fault.Wrap(err, fault.KeyRejected, "the key set is not usable")
	}
	if !found {
		return nil, rejected("the key set has no keys")
	}
	return texts, nil
}
