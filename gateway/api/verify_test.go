package api_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/partners"
	"accord/signing"
)

// A number that several issuers use gives a list of reports, signed each by
// itself where that is asked for.
func TestVerify_listsIssuersOfOneNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := newBody(t, "cn-other-cb")
	w.register("partners", partners.TargetPartner, "cn-other-cb", w.partner(other, partners.CertificationBody, "CN", []attestation.Identifier{
		{Scheme: "cn.cnca.approval", Value: "CNCA-R-2002-998"}, {Scheme: "did", Value: "did:web:other.example.cn"},
	}))
	first := fixture(t, numbered("001201"))
	second := fixture(t, func(s *attestation.Submission) {
		numbered("001201")(s)
		s.Issuer.Identifiers = []attestation.Identifier{{Scheme: "cn.cnca.approval", Value: "CNCA-R-2002-998"}}
	})
	for b, sub := range map[*body]*attestation.Submission{&w.cb: first, &other: second} {
		_, err := w.as(b).Submit(context.Background(), b.sign(t, sub), "application/jose", "")
		require.NoError(t, err)
	}
	path := "/v1/verify?nonce=9f86d081&number=" + first.Identifiers[0].Value
	var list struct{ Items []json.RawMessage }
	res, answer := w.do(t, ask{method: "GET", path: path, want: 200})
	require.NoError(t, json.Unmarshal(answer, &list))
	require.Len(t, list.Items, 2)
	assert.Equal(t, "application/json", res.Header.Get("Content-Type"))

	res, answer = w.do(t, ask{method: "GET", path: path, accept: "application/jose", want: 200})
	require.NoError(t, json.Unmarshal(answer, &list))
	require.Len(t, list.Items, 2)
	assert.Equal(t, "application/json", res.Header.Get("Content-Type"), "a list is no JWS")
	for _, item := range list.Items {
		var jws string
		require.NoError(t, json.Unmarshal(item, &jws))
		_, _, err := signing.VerifyCompact([]byte(jws), signing.TypReport, []*signing.Key{w.doc.Key()})
		require.NoError(t, err)
	}

	res, answer = w.do(t, ask{method: "GET", path: path + "&issuer=cn-other-cb", accept: "application/jose", want: 200})
	assert.Equal(t, "application/jose", res.Header.Get("Content-Type"))
	_, _, err := signing.VerifyCompact(answer, signing.TypReport, []*signing.Key{w.doc.Key()})
	require.NoError(t, err)
	w.do(t, ask{method: "GET", path: path + "%0d%0a", want: 422})
	w.do(t, ask{method: "GET", path: "/v1/verify?number=1234&nonce=a+text", want: 422})
}
