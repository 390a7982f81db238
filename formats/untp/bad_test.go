package untp_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"accord/attestation"
	"accord/formats/dialect"
	"accord/formats/jsondoc"
	"accord/formats/native"
	"accord/formats/untp"
	"accord/internal/fault"

	"github.com/stretchr/testify/require"
)

// own is our own credential of 0.7.0, and old of 0.6.1.
func own(t testing.TB) string { return ownFile(t, "dcc-0.7.0.json") }
func old(t testing.TB) string { return ownFile(t, "dcc-0.6.1.json") }

func ownFile(t testing.TB, name string) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return string(src)
}

// change replaces a piece of a document that is there.
func change(t testing.TB, doc, piece, by string) string {
	t.Helper()
	require.Contains(t, doc, piece)
	return strings.Replace(doc, piece, by, 1)
}

// found decodes and returns the findings as "code at".
func found(t testing.TB, src string) (out []string) {
	t.Helper()
	_, _, err := codec(t, untp.Name).Decode([]byte(src))
	for _, f := range fault.All(err) {
		require.NotEqual(t, fault.Internal, f.Code, "%v", err)
		out = append(out, string(f.Code)+" "+f.At)
	}
	return out
}

func TestDecode_readsOwnCredentials(t *testing.T) {
	t.Parallel()
	for _, src := range []string{own(t), old(t)} {
		require.Empty(t, found(t, src))
		s, losses := mustDecode(t, []byte(src))
		require.Empty(t, losses)
		format := untp.Name
		if strings.Contains(src, "0.6.1") {
			format = untp.NameOld
		}
		out, _ := mustEncode(t, format, s, dialect.Options{})
		require.Equal(t, canonical(t, []byte(src)), canonical(t, out))
	}
}

func TestDecode_choosesTheVersionByContext(t *testing.T) {
	t.Parallel()
	const w3c, v07, v06 = `"https://www.w3.org/ns/credentials/v2"`, `"https://vocabulary.uncefact.org/untp/0.7.0/context/"`, `"https://test.uncefact.org/vocabulary/untp/dcc/0.6.1/"`
	for context, want := range map[string][]string{
		w3c + "," + v07: nil,
		w3c + "," + v07 + `,"https://example.org/more"`: nil,
		v07 + "," + w3c:             {"schema.namespace /@context/0"},
		w3c + "," + v07 + "," + v06: {"schema.namespace /@context/2"},
		w3c + "," + `"https://vocabulary.uncefact.org/untp/0.8.0/context/"`:  {"schema.namespace /@context/1"},
		w3c + "," + `"https://test.uncefact.org/vocabulary/untp/dcc/0.5.0/"`: {"schema.namespace /@context/1"},
		w3c + "," + v07 + "," + v07:                                          {"schema.duplicate_field /@context/2"},
		w3c + "," + `"https://example.org/more",` + v07:                      {"schema.namespace /@context/2"},
		w3c:                               {"schema.namespace /@context"},
		`"https://example.org/more"`:      {"schema.namespace /@context/0"},
		w3c + "," + `{"@vocab":"urn:x:"}`: {"schema.type /@context/1"},
	} {
		src := change(t, own(t), w3c+", "+v07, context)
		require.Equal(t, want, found(t, src), context)
	}
	require.Equal(t, []string{"schema.type /@context"}, found(t, change(t, own(t), `[`+w3c+", "+v07+`]`, w3c)))
	require.Equal(t, []string{"schema.missing_field /@context"}, found(t, change(t, own(t), `"@context"`, `"context"`)))
	// A credential of 0.7.0 under the context of 0.6 is held against 0.6.
	require.Contains(t, found(t, change(t, own(t), v07, v06)), "schema.format /credentialSubject/assessmentLevel")
}

// Every fault of one document is told at once, each at its place.
func TestDecode_tellsEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	src := own(t)
	for _, c := range [][2]string{
		{`"3rdParty"`, `"third"`},
		{`"assessmentDate": "2024-09-01"`, `"assessmentDate": "2024-02-30"`},
		{`"value": 14.40`, `"value": "14.40"`},
		{`"name": "Example Battery", "registeredId"`, `"registeredId"`},
		{`"validUntil": "2029-09-26T00:00:00Z"`, `"validUntil": 2029`},
		{`"linkName": "Report"`, `"linkTitle": "Report"`},
		{`"id": "https://scheme.example"`, `"id": "scheme"`},
		{`"statusListIndex": 94567`, `"statusListIndex": -1`},
		{`"type": ["ConformityAttestation"]`, `"type": ["Attestation"]`},
		{`"conformance": true`, `"conformance": "true"`},
	} {
		src = change(t, src, c[0], c[1])
	}
	require.ElementsMatch(t, []string{
		"schema.format /credentialSubject/assessorLevel",
		"doc.date_invalid /credentialSubject/conformityAssessment/0/assessmentDate",
		"schema.type /credentialSubject/conformityAssessment/0/assessedPerformance/0/measure/value",
		"schema.missing_field /credentialSubject/issuedToParty/name",
		"schema.type /validUntil",
		"schema.missing_field /credentialSubject/conformityAssessment/0/evidence/0/linkName",
		"schema.unknown_field /credentialSubject/conformityAssessment/0/evidence/0/linkTitle",
		"schema.format /credentialSubject/referenceScheme/id",
		"schema.format /credentialStatus/statusListIndex",
		"schema.format /credentialSubject/type",
		"schema.type /credentialSubject/conformityAssessment/0/conformance",
	}, found(t, src))
}

// What the rules of our model refuse is told at its place in the credential.
func TestDecode_tellsFaultsOfContentWhereTheyStand(t *testing.T) {
	t.Parallel()
	for piece, test := range map[string]struct{ by, want string }{
		"09520123456788\"":                         {"09520123456789\"", "schema.format /credentialSubject/conformityAssessment/0/assessedProduct/0/product/id"},
		"urn:accord:id:cn.uscc:91440300MA5DEM012D": {"urn:accord:id:cn.uscc:91440300MA5DEM012E", "schema.format /credentialSubject/issuedToParty/id"},
		"attestations/AT-1\"":                      {"attestations/%20\"", "schema.format /credentialSubject/id"},
		`"2029-09-26T00:00:00Z"`:                   {`"2019-09-26T00:00:00Z"`, "doc.date_order /validUntil"},
		`"Example Battery"`:                        {`"Example\u0007Battery"`, "schema.forbidden_char /credentialSubject/issuedToParty"},
		`"mediaType": "application/pdf"`:           {`"mediaType": "pdf"`, "schema.format /credentialSubject/conformityAssessment/0/evidence"},
		`"did:web:cb.example.org"`:                 {`"did:WEB:cb.example.org"`, "schema.format /issuer"},
	} {
		got := found(t, change(t, own(t), piece, test.by))
		require.Len(t, got, 1, "%s", piece)
		require.True(t, strings.HasPrefix(got[0], test.want), "%s: %s", piece, got[0])
	}
}

// Times without offset are UTC, with a warning (VCDM 2.0, "Representing Time").
func TestDecode_readsTimesWithoutOffset(t *testing.T) {
	t.Parallel()
	s, losses := mustDecode(t, []byte(change(t, own(t), `"2024-09-26T00:00:00Z"`, `"2024-09-26T00:00:00"`)))
	require.Equal(t, "2024-09-26T00:00:00Z", s.Dates.Issued.Value)
	require.Equal(t, []dialect.Loss{{Path: "/validFrom", Code: "assumed", Severity: "warning", Source: "untp", Target: "native+json"}}, losses)
	require.Equal(t, []string{"schema.type /validFrom"}, found(t, change(t, own(t), `"2024-09-26T00:00:00Z"`, `2024`)))
	require.Equal(t, []string{"doc.date_invalid /validFrom"}, found(t, change(t, own(t), `"2024-09-26T00:00:00Z"`, `"2024-09-26"`)))
}

// Both spellings of statusListIndex are read; each profile writes its own.
func TestStatusListIndex_isSpelledByProfile(t *testing.T) {
	t.Parallel()
	for _, spelled := range []string{`94567`, `"94567"`} {
		s, _ := mustDecode(t, []byte(change(t, own(t), `"statusListIndex": 94567`, `"statusListIndex": `+spelled)))
		out, _ := mustEncode(t, untp.Name, s, dialect.Options{})
		require.Contains(t, string(out), `"statusListIndex":94567`)
		out, _ = mustEncode(t, untp.NameW3C, s, dialect.Options{})
		require.Contains(t, string(out), `"statusListIndex":"94567"`)
	}
	s, _ := mustDecode(t, []byte(own(t)))
	for format, want := range map[string]string{untp.Name: `:7,`, untp.NameW3C: `:"7",`} {
		out, _ := mustEncode(t, format, s, converted())
		require.Contains(t, string(out), `"statusListIndex"`+want)
		require.NotContains(t, string(out), `94567`)
	}
	// More than one entry, as the W3C allows, is read and kept.
	two := change(t, own(t), `"credentialStatus": {`, `"credentialStatus": [{"type":"BitstringStatusListEntry","statusPurpose":"revocation","statusListIndex":"3","statusListCredential":"https://x.example/1"}, {`)
	two = change(t, two, `"https://cb.example.org/status/4"}`, `"https://cb.example.org/status/4"}]`)
	s, _ = mustDecode(t, []byte(two))
	out, _ := mustEncode(t, untp.NameW3C, s, dialect.Options{})
	require.Contains(t, string(out), `"statusListIndex":"3"`)
}

// A converted credential is a statement of who converts.
func TestEncode_convertedCredentialIsOursNotTheirs(t *testing.T) {
	t.Parallel()
	for _, s := range documents(t) {
		out, losses := mustEncode(t, untp.Name, s, converted())
		text := string(out)
		require.Contains(t, text, `"issuer":{"type":["CredentialIssuer"],"id":"did:web:gw.example.nz","name":"Gateway"}`)
		require.Contains(t, text, `"name":"Conversion of `)
		require.Contains(t, text, `"conformityCertificate":{"linkURL":"https://gw.example.nz/v1/attestations/sha-256:0a/original","linkName":"The document that was converted","digestMultibase":"uEiAKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCg","mediaType":"application/jose"}`)
		require.Contains(t, text, `"issuer":{"role":`) // the body, in the extension
		require.True(t, covered(losses, "/issuer"))
		require.NoError(t, untp.CheckDocument("untp-dcc-0.7.0", out, false))
	}
	// What came as a credential is not sent on under its own id and issuer.
	s, _ := mustDecode(t, []byte(own(t)))
	out, losses := mustEncode(t, untp.Name, s, converted())
	require.NotContains(t, string(out), "urn:uuid:0c1f7b1e-0000-4000-8000-000000000001")
	require.NotContains(t, string(out), `"id":"did:web:cb.example.org","name":"Example Body"}`)
	require.NotEmpty(t, losses)
}

func TestDecode_unwrapsEnvelopes(t *testing.T) {
	t.Parallel()
	payload := base64.RawURLEncoding.EncodeToString([]byte(own(t)))
	enveloped := `{"@context":"https://www.w3.org/ns/credentials/v2","type":"EnvelopedVerifiableCredential","id":"data:application/vc+jwt,eyJ4IjowfQ.` + payload + `.AAAA"}`
	for _, src := range []string{
		enveloped, `{"verifiableCredential":` + enveloped + `}`, `{"verifiableCredential":[` + enveloped + `]}`,
		strings.Replace(enveloped, `"EnvelopedVerifiableCredential"`, `["VerifiableCredential","EnvelopedVerifiableCredential"]`, 1),
	} {
		require.True(t, codec(t, untp.Name).Recognises([]byte(src)), src[:60])
		s, losses := mustDecode(t, []byte(src))
		require.Equal(t, "AT-1", s.Identifiers[0].Value)
		require.True(t, covered(losses, ""))
		jws, ok, err := untp.Unwrap([]byte(src))
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, "eyJ4IjowfQ."+payload+".AAAA", string(jws))
	}
	for src, want := range map[string]string{
		strings.Replace(enveloped, "application/vc+jwt", "text/plain", 1): "schema.format /id",
		strings.Replace(enveloped, ".AAAA", "", 1):                        "jws.malformed ",
		strings.Replace(enveloped, payload, "!!", 1):                      "jws.base64 ",
		`{"verifiableCredential":[` + enveloped + `,` + enveloped + `]}`:  "schema.length /verifiableCredential",
	} {
		require.Equal(t, []string{want}, found(t, src))
	}
}

// Markup is text; unknown members come back; a proof does not.
func TestDecode_carriesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	src := change(t, own(t), `"Example Battery"`, `"<script>alert(1)</script> & \"Co\""`)
	src = change(t, src, `"conformance": true`, `"conformance": true, "example:more": {"n": 0.20, "e": 1E400, "x": [null, {}, []]}`)
	src = change(t, src, `"name": "Certificate",`, `"name": "Certificate", "proof": {"type": "DataIntegrityProof"},`)
	src = change(t, src, `"type": ["DigitalConformityCredential", "VerifiableCredential"]`, `"type": "DigitalConformityCredential"`)
	s, losses := mustDecode(t, []byte(src))
	require.Equal(t, `<script>alert(1)</script> & "Co"`, s.Parties[0].Name[0].Value)
	require.True(t, covered(losses, "/proof"))
	out, _ := mustEncode(t, untp.Name, s, dialect.Options{})
	require.Contains(t, string(out), `"example:more":{"n":0.20,"e":1E400,"x":[null,{},[]]}`)
	require.Contains(t, string(out), `"<script>alert(1)</script> & \"Co\""`)
	require.Contains(t, string(out), `"type":"DigitalConformityCredential"`)
	require.NotContains(t, string(out), "proof")
	// In another dialect each piece of the residual is a loss.
	_, losses = mustEncode(t, untp.NameOld, s, dialect.Options{})
	for i := range s.Residual {
		require.True(t, covered(losses, "/residual/"+string(rune('0'+i%10))) || i > 9)
	}
}

// A further model of a product without a name is no part of it.
func TestDecode_readsProductsWithoutName(t *testing.T) {
	t.Parallel()
	nameless := `{"product": {"id": "urn:x:1", "name": "", "modelNumber": "A"}}, {"product": {"id": "urn:accord:model:1:B", "name": "", "modelNumber": "B"}},`
	for _, f := range found(t, change(t, own(t), `"assessedProduct": [`, `"assessedProduct": [`+nameless)) {
		require.True(t, strings.HasPrefix(f, "schema.missing_field /credentialSubject/conformityAssessment/0/assessedProduct/"), f)
	}
}

// An unfinished submission is written without a panic.
func TestEncode_takesAnything(t *testing.T) {
	t.Parallel()
	root, err := jsondoc.Parse(native.AppendJSON(nil, documents(t)["testdata/full.json"]))
	require.NoError(t, err)
	n := 0
	mutants(root, func(_ string, src []byte) {
		if n++; n%3 != 0 { // a third of all, for time
			return
		}
		s := new(attestation.Submission)
		if json.Unmarshal(src, s) != nil {
			return
		}
		for _, c := range untp.Codecs() {
			_, _, _ = c.Encode(s, converted())
		}
	})
}

func TestDecode_isBounded(t *testing.T) {
	t.Parallel()
	many := strings.TrimSuffix(strings.Repeat(`{},`, 100_000), ",")
	image := strings.Repeat("AAAA", 5<<20)
	for name, test := range map[string]struct{ src, code string }{
		"100,000 products": {change(t, own(t), `"assessedProduct": [`, `"assessedProduct": [`+many+`,`), "json.too_many_members"},
		"20 MB of image":   {change(t, own(t), `"name": "Certificate",`, `"name": "Certificate", "trustmark": "`+image+`",`), "http.body_too_large"},
		"deep":             {strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100), "json.depth"},
		"no object":        {`[]`, "schema.type"},
		"nothing":          {``, "json.empty"},
		"a name twice":     {change(t, own(t), `"name": "Certificate",`, `"name": "Certificate", "name": "Other",`), "json.duplicate_member"},
	} {
		got := found(t, test.src)
		require.Len(t, got, 1, name)
		require.True(t, strings.HasPrefix(got[0], test.code+" "), "%s: %s", name, got[0])
	}
}

func TestEncode_refusesWhatTheCredentialHasNoWordFor(t *testing.T) {
	t.Parallel()
	s := documents(t)["testdata/test-report.json"]
	s.Kind = "recognitionDecision"
	_, _, err := codec(t, untp.Name).Encode(s, dialect.Options{})
	require.Equal(t, fault.SchemaFormat, fault.CodeOf(err))
	require.Equal(t, "/kind", fault.All(err)[0].At)
}

func TestCodecs_recognise(t *testing.T) {
	t.Parallel()
	names := func(src string) (out []string) {
		for _, c := range untp.Codecs() {
			if c.Recognises([]byte(src)) {
				out = append(out, c.Name)
			}
		}
		return out
	}
	require.Equal(t, []string{untp.Name}, names(own(t)))
	require.Equal(t, []string{untp.NameOld}, names(old(t)))
	require.Equal(t, []string{untp.Name}, names(change(t, own(t), "untp/0.7.0", "untp/9.9.9")))
	require.Empty(t, names(`{"@context":["https://www.w3.org/ns/credentials/v2"]}`))
	require.Empty(t, names(`{"modelVersion":"1.0"}`))
	require.Empty(t, names(`<x/>`))
	require.Empty(t, names(``))
}

// Whatever only mentions the type is no envelope, and may be XML.
func TestUnwrap_leavesWhatOnlyMentionsTheType(t *testing.T) {
	t.Parallel()
	for _, src := range []string{"<a>EnvelopedVerifiableCredential</a>", `["EnvelopedVerifiableCredential"]`, "EnvelopedVerifiableCredential", `{"a":"EnvelopedVerifiableCredential"}`} {
		_, ok, err := untp.Unwrap([]byte(src))
		require.NoError(t, err, src)
		require.False(t, ok, src)
	}
}
