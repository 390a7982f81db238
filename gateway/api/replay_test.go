package api_test

import (
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/formats/native"
	"accord/gateway/api"
	"accord/partners"
	"accord/signing"
)

// twin is the other signature that verifies wherever one does: (r, n−s).
func twin(t testing.TB, jws []byte) []byte {
	t.Helper()
	parts := strings.Split(string(jws), ".")
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	require.NoError(t, err)
	s := new(big.Int).SetBytes(sig[32:])
	s.Sub(elliptic.P256().Params().N, s).FillBytes(sig[32:])
	return []byte(parts[0] + "." + parts[1] + "." + base64.RawURLEncoding.EncodeToString(sig))
}

// Row 14 of reliability.md: identity is content. However the same content comes
// again, it is one leaf and one receipt.
func TestReplay_isOfTheContent(t *testing.T) {
	t.Parallel()
	successor := body{doc: newSigner(t, signing.UseDoc)}
	w := newWorldIn(t, setting{cb: newBody(t, "cn-example-cb"), limits: api.Limits{InFlight: 64}, record: func(p *partners.Partner) {
		key := partners.Key{Use: "doc"}
		require.NoError(t, json.Unmarshal(successor.doc.Key().JWK(), &key.JWK))
		p.Trust.Keys = append(p.Trust.Keys, key)
	}})
	sub := fixture(t, nil)
	first := w.cb.sign(t, sub)
	receipt := func(raw []byte) string {
		var acc struct{ Receipt json.RawMessage }
		require.NoError(t, json.Unmarshal(raw, &acc))
		return string(acc.Receipt)
	}
	post := ask{method: "POST", path: "/v1/attestations", token: w.token(w.cb), media: "application/jose", body: first, want: 201}
	_, answer := w.do(t, post)
	want := receipt(answer)
	require.NotEmpty(t, want)
	size := w.archive.Size()

	payload := native.AppendJSON(nil, sub)
	header := signing.Header{Typ: signing.TypAttestation, Cty: signing.CtyJSON, IssuedAt: time.Now()}
	flat, err := w.cb.doc.SignFlattened(payload, header)
	require.NoError(t, err)
	general, err := signing.SignGeneral(payload, header, w.cb.doc)
	require.NoError(t, err)
	detached, err := w.cb.doc.SignDetached(payload, header)
	require.NoError(t, err)
	parts := strings.Split(string(first), ".")
	reserialized, err := json.Marshal(map[string]string{"payload": parts[1], "protected": parts[0], "signature": parts[2]})
	require.NoError(t, err)
	xml := native.AppendXML(nil, sub)
	header.Cty = signing.CtyXML
	asXML, err := w.cb.doc.SignDetached(xml, header)
	require.NoError(t, err)
	for _, row := range []struct {
		name, media, signature string
		body                   []byte
	}{
		{"same bytes", "application/jose", "", first},
		{"signed again", "application/jose", "", w.cb.sign(t, sub)},
		{"the twin of its signature", "application/jose", "", twin(t, first)},
		{"the same signature, flattened", "application/jose+json", "", reserialized},
		{"flattened", "application/jose+json", "", flat},
		{"general", "application/jose+json", "", general},
		{"detached", "application/json", detached, payload},
		{"other white space", "application/json", sign(t, w.cb, indented(t, payload)), indented(t, payload)},
		{"as XML", "application/xml", asXML, xml},
		{"by the successor key", "application/jose", "", successor.sign(t, sub)},
	} {
		t.Run(row.name, func(t *testing.T) {
			again := post
			again.media, again.body, again.want = row.media, row.body, 200
			if row.signature != "" {
				again.header = map[string]string{"JWS-Signature": row.signature}
			}
			_, answer := w.do(t, again)
			assert.Equal(t, want, receipt(answer), "byte for byte")
			assert.Contains(t, string(answer), `"code":"replay.duplicate"`)
			assert.Equal(t, size, w.archive.Size(), "one leaf")
		})
	}
}

func indented(t testing.TB, payload []byte) []byte {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal(payload, &v))
	out, err := json.MarshalIndent(v, "", "  ")
	require.NoError(t, err)
	return out
}

func sign(t testing.TB, b body, payload []byte) string {
	t.Helper()
	sig, err := b.doc.SignDetached(payload, signing.Header{Typ: signing.TypAttestation, Cty: signing.CtyJSON, IssuedAt: time.Now()})
	require.NoError(t, err)
	return sig
}
