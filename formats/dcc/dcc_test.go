package dcc_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/formats/carry/carrytest"
	"accord/formats/dcc"
	"accord/formats/dialect"
	"accord/internal/fault"
)

func codec() dialect.Codec { return dcc.Codecs()[0] }

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	src, err := os.ReadFile("testdata/" + name + ".xml")
	require.NoError(t, err)
	return src
}

func TestShared_comesBack(t *testing.T) {
	t.Parallel()
	for name, src := range carrytest.Shared(t, "dcc", ".xml") {
		s, blobs, losses := carrytest.ComesBack(t, codec(), src)
		require.True(t, codec().Recognises(src), name)
		require.Empty(t, blobs)
		require.Equal(t, attestation.CalibrationCertificate, s.Kind)
		require.Equal(t, []string{"de", "en"}, s.Languages.Used)
		signed := strings.Contains(name, "signed")
		pieces, proofs := 0, 0
		for _, r := range s.Residual {
			if r.Kind == "signature" {
				pieces++
			}
		}
		for _, l := range losses {
			if l.Code == dialect.Proof {
				require.Equal(t, "/dcc:digitalCalibrationCertificate/ds:Signature", l.Path)
				proofs++
			}
		}
		require.Equal(t, signed, pieces == 1 && proofs == 1, name)
	}
}

func TestFixture_isRead(t *testing.T) {
	t.Parallel()
	s, blobs, losses := carrytest.ComesBack(t, codec(), fixture(t, "certificate"))
	require.Equal(t, []attestation.Identifier{
		{Scheme: "ptb.dcc", Value: "EX-LAB-2026-0017"}, {Scheme: "ptb.dcc.asWritten", Value: "EX_LAB_2026-0017"}, {Scheme: "ptb.dcc.customer", Value: "PO 77"},
	}, s.Identifiers)
	require.Equal(t, attestation.DateV{Value: "2026-01-12"}, s.Dates.Issued)
	require.Equal(t, &attestation.DateV{Value: "2026-01-09", Zone: "+13:00", Lexical: "2026-01-09+13:00"}, s.Dates.PerformedTo)
	require.Equal(t, &attestation.Languages{Used: []string{"en", "zh"}}, s.Languages)
	require.Equal(t, "Cuba Street 1, Wellington", s.Issuer.Address[0].Value)
	require.Equal(t, []string{"client", "manufacturer"}, []string{s.Parties[0].Role, s.Parties[1].Role})
	require.Len(t, s.Objects, 2)
	require.Equal(t, "conditionalPass", s.Assessments[0].Outcome)
	require.Equal(t, []string{"1.00000020", "8000"}, []string{string(s.Assessments[0].Results[0].Value), string(s.Assessments[0].Results[1].Value)})
	require.Equal(t, attestation.Relation{Type: "amends", Target: attestation.Target{
		Issuer: "Example Laboratory", Scheme: "ptb.dcc", Number: "EX-LAB-2025-0999",
	}}, s.Relations[0])
	require.Equal(t, []string{"other", "certificate"}, []string{s.Evidence[0].Purpose, s.Evidence[1].Purpose})
	require.Equal(t, []string{"image/x-example", "application/pdf"}, []string{blobs[0].MediaType, blobs[1].MediaType})
	require.Equal(t, []byte{5, 16, 27}, blobs[0].Octets[:3])
	var told []string
	for _, l := range losses {
		told = append(told, l.Code+" "+l.Path[strings.LastIndexByte(l.Path, '/'):])
	}
	require.Equal(t, []string{"proof /ds:Signature", "narrowed /dcc:uniqueIdentifier", "residual /dcc:mandatoryLangCodeISO639_1"}, told)

	s, _, losses = carrytest.ComesBack(t, codec(), fixture(t, "minimal"))
	require.Equal(t, []string{"en"}, s.Languages.Mandatory)
	require.Equal(t, "dcc-2.4.0", s.Residual[0].Format)
	require.Equal(t, attestation.Requirement{Type: "standard", ID: "ISO 8655", Edition: "2022"}, s.Assessments[0].Requirements[0])
	require.Len(t, losses, 1) // the date of issue is assumed
	require.Equal(t, dialect.Assumed, losses[0].Code)
}

func TestRows_sayWhatIsRead(t *testing.T) {
	t.Parallel()
	full, err := dcc.Fields(fixture(t, "certificate"))
	require.NoError(t, err)
	minimal, err := dcc.Fields(fixture(t, "minimal"))
	require.NoError(t, err)
	carrytest.HoldRows(t, dcc.Rows(), full, minimal)
}

// Every fault is found at once, each with its path.
func TestDecode_findsEverything(t *testing.T) {
	t.Parallel()
	const doc, admin = "/dcc:digitalCalibrationCertificate", "/dcc:digitalCalibrationCertificate/dcc:administrativeData"
	const core, result = admin + "/dcc:coreData/dcc:", doc + "/dcc:measurementResults/dcc:measurementResult/dcc:results/dcc:result/dcc:data/dcc:"
	const hybrid = result + "list/dcc:quantity[2]/si:hybrid/si:realListXMLList[2]/si:"
	change := func(pairs ...string) string {
		src := string(fixture(t, "certificate"))
		for i := 0; i < len(pairs); i += 2 {
			require.Contains(t, src, pairs[i])
			src = strings.Replace(src, pairs[i], pairs[i+1], 1)
		}
		return src
	}
	cut := func(pattern string) string {
		return regexp.MustCompile("(?s)"+pattern).ReplaceAllString(string(fixture(t, "certificate")), "")
	}
	root := func(attrs, inside string) string {
		return `<dcc:digitalCalibrationCertificate xmlns:dcc="https://ptb.de/dcc" ` + attrs + `>` + inside + `</dcc:digitalCalibrationCertificate>`
	}
	for name, test := range map[string]struct {
		src  string
		want []string
	}{
		"no XML":           {"{}", []string{"xml.syntax "}},
		"another document": {"<a/>", []string{"schema.namespace /a"}},
		"old namespace":    {strings.ReplaceAll(root(`schemaVersion="3.1.2"`, ""), "ptb.de/dcc", "ptb.de/dcc2"), []string{"schema.namespace " + doc}},
		"no version":       {root("", ""), []string{"schema.missing_field " + doc + "/@schemaVersion"}},
		"old version":      {root(`schemaVersion="2.3.0"`, ""), []string{"schema.format " + doc + "/@schemaVersion"}},
		"new version":      {root(`schemaVersion="3.3.0"`, ""), []string{"schema.format " + doc + "/@schemaVersion"}},
		"odd version":      {root(`schemaVersion="3.1"`, ""), []string{"schema.format " + doc + "/@schemaVersion"}},
		"empty":            {root(`schemaVersion="3.1.2"`, ""), []string{"schema.missing_field " + admin, "schema.missing_field " + doc + "/dcc:measurementResults"}},
		"empty parts": {root(`schemaVersion="3.1.2"`, `<dcc:administrativeData/><dcc:measurementResults/>`), []string{
			"schema.missing_field " + admin + "/dcc:coreData", "schema.missing_field " + admin + "/dcc:calibrationLaboratory", "schema.missing_field " + admin + "/dcc:customer",
			"schema.missing_field " + admin + "/dcc:items", "schema.missing_field " + doc + "/dcc:measurementResults/dcc:measurementResult"}},
		"empty core": {cut(`<dcc:countryCodeISO.*</dcc:reportAmendedSubstituted>`), []string{
			"schema.missing_field " + core + "usedLangCodeISO639_1", "schema.missing_field " + core + "mandatoryLangCodeISO639_1", "schema.missing_field " + core + "uniqueIdentifier",
			"schema.missing_field " + core + "beginPerformanceDate", "schema.missing_field " + core + "endPerformanceDate"}},
		"identifier empty": {change("EX_LAB_2026-0017", " \n "), []string{"schema.missing_field " + core + "uniqueIdentifier"}},
		"several at once": {change(
			"<dcc:mandatoryLangCodeISO639_1>en<", "<dcc:mandatoryLangCodeISO639_1>fr<", ">2026-01-07<", ">2026-13-07<", ">zh</dcc:used", ">zho</dcc:used",
			"4 5 6", "4 5", "AAAA", "AAA!", `id="s1"`, `id="item1"`, ">conditionalPass<", ">passed<", ">Customer Ltd<", "><b>Customer</b> Ltd<"), []string{
			"schema.format " + core + "usedLangCodeISO639_1[2]", "schema.format " + core + "mandatoryLangCodeISO639_1", "doc.date_invalid " + core + "beginPerformanceDate",
			"xml.mixed_content " + admin + "/dcc:customer/dcc:name/dcc:content", "schema.missing_field " + admin + "/dcc:customer/dcc:name",
			"schema.format " + admin + "/dcc:statements/dcc:statement[2]/dcc:conformity",
			"schema.format " + admin + "/dcc:items/dcc:name", "schema.format " + admin + "/dcc:items/dcc:item/dcc:name",
			"xml.duplicate_id " + admin + "/dcc:statements/dcc:statement/@id",
			"schema.length " + hybrid + "unitXMLList", "schema.length " + hybrid + "valueXMLList"}},
		"begins after its end": {change(">2026-01-07<", ">2026-01-11<"), []string{"doc.date_order " + core + "endPerformanceDate"}},
		"language of a name":   {change(`<dcc:content lang="en">Mass A</dcc:content>`, ""), []string{"schema.format " + admin + "/dcc:items/dcc:item/dcc:name"}},
		"no list":              {change("4 5 6", " "), []string{"schema.length " + hybrid + "valueXMLList", "schema.length " + hybrid + "valueXMLList"}},
		"twice":                {change("<dcc:receiptDate>", "<dcc:uniqueIdentifier>2</dcc:uniqueIdentifier><dcc:receiptDate>"), []string{"schema.duplicate_field " + core + "uniqueIdentifier[2]"}},
		"base64":               {change("<dcc:dataBase64>\n        B", "<dcc:dataBase64>!B"), []string{"schema.format " + admin + "/dcc:calibrationLaboratory/dcc:contact/dcc:descriptionData/dcc:dataBase64"}},
	} {
		_, _, _, err := codec().Read([]byte(test.src))
		found := carrytest.Found(err)
		if name == "several at once" { // the names of all items and results lack it too
			require.Subset(t, found, test.want, name)
			continue
		}
		require.Equal(t, test.want, found, name)
	}
}

func TestDecode_refusesWhatIsTooMuch(t *testing.T) {
	t.Parallel()
	item := `<item><name><content lang="en">S</content></name><identifications><identification><issuer>other</issuer><value>1</value></identification></identifications></item>`
	repeat := func(n int) []byte {
		return bytes.Replace(fixture(t, "minimal"), []byte("<item>"), []byte(strings.Repeat(item, n)+"<item>"), 1)
	}
	_, _, err := codec().Decode(repeat(100_000))
	require.Equal(t, fault.XMLTooManyNodes, fault.CodeOf(err))
	_, _, err = codec().Decode(repeat(5_000))
	require.Equal(t, fault.HTTPBodyTooLarge, fault.CodeOf(err)) // of an attestation
	carrytest.ComesBack(t, codec(), repeat(500))

	// As many faults as one will read, not more.
	_, _, err = codec().Decode(bytes.ReplaceAll(repeat(2_000), []byte(`<content lang="en">S<`), []byte(`<content lang="de">S<`)))
	require.Len(t, fault.All(err), attestation.MaxFindings)
}

func TestDecode_liftsABinaryOf20MB(t *testing.T) {
	t.Parallel()
	octets := bytes.Repeat([]byte("0123456789"), 2_000_000)
	var lines strings.Builder
	for rest := base64.StdEncoding.EncodeToString(octets); rest != ""; {
		n := min(76, len(rest))
		lines.WriteString(rest[:n] + "\n")
		rest = rest[n:]
	}
	text := lines.String()
	file := "<comment/><document><fileName>x</fileName><mimeType>not a type</mimeType><dataBase64>" + text + "</dataBase64></document></digitalCalibrationCertificate>"
	src := bytes.Replace(fixture(t, "minimal"), []byte("</digitalCalibrationCertificate>"), []byte(file), 1)
	s, blobs, _, err := codec().Read(src)
	require.NoError(t, err)
	require.Len(t, blobs, 1)
	require.True(t, bytes.Equal(octets, blobs[0].Octets))
	require.Empty(t, s.Evidence[0].MediaType)
	out, losses, err := codec().Encode(s, dialect.Options{Blob: dialect.BlobStore(blobs)})
	require.NoError(t, err)
	require.Empty(t, losses)
	require.True(t, bytes.Contains(out, []byte(text)))
}

func TestRecognises_everyVersion(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]bool{
		string(fixture(t, "minimal")): true,
		`<d:digitalCalibrationCertificate xmlns:d="https://ptb.de/dcc" schemaVersion="9"/>`: true,
		`<digitalCalibrationCertificate/>`:                                                  false, `{}`: false, ``: false, `<a xmlns="https://ptb.de/dcc"/>`: false,
	} {
		require.Equal(t, want, codec().Recognises([]byte(src)), "%.80s", src)
	}
}

// Whatever is read comes back as the same document.
func FuzzDecode(f *testing.F) {
	for _, name := range []string{"certificate", "minimal"} {
		src := fixture(f, name)
		f.Add(src)
		f.Add(bytes.ReplaceAll(src, []byte("en"), []byte("de")))
		f.Add(bytes.Replace(src, []byte(">Laboratory<"), []byte("><![CDATA[\u0085x]]>&#13;<!--x-->\u2028<"), 1))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if _, _, _, err := codec().Read(src); err != nil {
			for _, e := range fault.All(err) {
				if e.Code == fault.Internal {
					t.Fatalf("no code: %v", err)
				}
			}
			return
		}
		carrytest.ComesBack(t, codec(), src)
	})
}

func BenchmarkDecode(b *testing.B) {
	src := fixture(b, "certificate")
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := codec().Decode(src); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	src := fixture(b, "certificate")
	s, blobs, _, err := codec().Read(src)
	require.NoError(b, err)
	o := dialect.Options{Blob: dialect.BlobStore(blobs)}
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := codec().Encode(s, o); err != nil {
			b.Fatal(err)
		}
	}
}
