package api_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/client"
	"accord/formats/native"
	"accord/internal/fault"
	"accord/signing"
)

// TestRefuse_xml holds rows 21 to 27 of reliability.md, each inside a good
// detached signature, so that only the text is at fault.
func TestRefuse_xml(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.token(w.cb)
	good := string(native.AppendXML(nil, fixture(t, numbered("000201"))))
	replace := func(old, replacement string) string {
		require.Contains(t, good, old)
		return strings.Replace(good, old, replacement, 1)
	}
	root := "<at:Attestation "
	for _, c := range []struct {
		name, xml string
		status    int
		code      fault.Code
	}{
		{"row 21: control character", replace("UV10", "UV&#1;10"), 400, fault.XMLInvalidChar},
		{"row 22: doctype", replace(root, "<!DOCTYPE x>\n"+root), 400, fault.XMLDoctypeForbidden},
		{"row 22: entity", replace("UV10", "&xxe;"), 400, fault.XMLUndefinedEntity},
		{"row 23: encoding", replace(`encoding="UTF-8"`, `encoding="ISO-8859-1"`), 400, fault.XMLEncodingForbidden},
		{"row 23: version", replace(`version="1.0"`, `version="1.1"`), 400, fault.XMLVersionForbidden},
		{"row 24: depth", strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100), 400, fault.XMLDepth},
		{"row 25: comment in a value", replace("UV10", "UV<!-- -->10"), 400, fault.XMLCommentInValue},
		{"row 25: processing instruction", replace(root, "<?x y?>\n"+root), 400, fault.XMLPIForbidden},
		{"row 26: second root", good + "<x/>", 400, fault.XMLTrailingData},
		{"row 27: duplicate attribute", replace(`kind="certification"`, `kind="certification" kind="certification"`), 400, fault.XMLDuplicateAttribute},
		{"row 27: unbound prefix", replace("<at:Dates>", "<zz:Dates>"), 400, fault.XMLNamespace},
		{"other namespace", replace("urn:accord:attestation:1", "urn:accord:attestation:9"), 422, fault.SchemaNamespace},
		{"not well-formed", good[:len(good)-20], 400, fault.XMLSyntax},
	} {
		t.Run(c.name, func(t *testing.T) {
			sig, err := w.cb.doc.SignDetached([]byte(c.xml), signing.Header{Typ: signing.TypAttestation, Cty: signing.CtyXML, IssuedAt: time.Now()})
			require.NoError(t, err)
			w.refuse(t, token, refusal{media: "application/xml", header: map[string]string{"JWS-Signature": sig}, body: []byte(c.xml), status: c.status, code: string(c.code)})
		})
	}
}

// TestRevisions_followTheHead holds rows 15 and 15a: a series has one head, and
// its history one order.
func TestRevisions_followTheHead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	cb, nz := w.as(&w.cb), w.as(&w.nz)
	first := fixture(t, numbered("000301"))
	acc, err := cb.Submit(ctx, w.cb.sign(t, first), "application/jose", "", "NZ")
	require.NoError(t, err)

	other := fixture(t, numbered("000301"))
	other.Objects[0].Models = append(other.Objects[0].Models, attestation.Model{Model: "UV14"})
	_, err = cb.Submit(ctx, w.cb.sign(t, other), "application/jose", "")
	assertProblem(t, err, 409, fault.DocNumberConflict)

	other.Replaces = attestation.DigestOf([]byte("another"))
	day := attestation.DateV{Value: "2025-03-10", Zone: "+08:00"}
	other.Dates.Changed = &day
	other.StatusEvents = append(other.StatusEvents, attestation.StatusEvent{Seq: 2, Event: attestation.EventExtendScope, Effective: day})
	_, err = cb.Submit(ctx, w.cb.sign(t, other), "application/jose", "")
	assertProblem(t, err, 409, fault.DocStaleRevision)

	other.Replaces = first.Digest()
	r2, err := cb.Submit(ctx, w.cb.sign(t, other), "application/jose", "")
	require.NoError(t, err)
	assert.Equal(t, acc.ID, r2.ID)
	assert.Equal(t, 2, r2.Revision)

	// Restoring what is not suspended is refused; a suspension is not.
	err = w.tryStatus(t, cb, acc.ID, attestation.EventRestore)
	assertProblem(t, err, 409, fault.StatusIllegalTransition)
	before := w.archive.Size()
	question := map[string]any{"attestation": map[string]string{"id": acc.ID}, "purpose": "import", "facts": map[string]any{"origin": "CN", "shippedDirect": true}}
	signed, err := nz.Evaluate(ctx, question, true)
	require.NoError(t, err)
	assert.Equal(t, before+1, w.archive.Size(), "a signed decision is archived")
	var list struct {
		Items []struct{ Message string }
	}
	require.NoError(t, nz.GetJSON(ctx, "/v1/attestations/"+acc.ID+"/decisions", nil, &list))
	require.Len(t, list.Items, 1)
	assert.Equal(t, string(signed), list.Items[0].Message)

	w.setStatus(t, cb, acc.ID, attestation.EventSuspend)
	assert.Equal(t, "notRecognised", w.evaluate(t, nz, acc.ID, map[string]any{"origin": "CN", "shippedDirect": true}).Outcome)
	question["knownAt"] = before
	assert.Equal(t, "conditional", w.ask(t, nz, question).Outcome, "as known before")
}

func assertProblem(t *testing.T, err error, status int, code fault.Code) {
	t.Helper()
	var p *client.Problem
	require.ErrorAs(t, err, &p)
	assert.Equal(t, status, p.Status)
	assert.Equal(t, code, p.Code, p.Detail)
}
