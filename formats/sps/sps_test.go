package sps_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/formats/carry/carrytest"
	"accord/formats/dialect"
	"accord/formats/sps"
	"accord/internal/fault"
)

func codec() dialect.Codec { return sps.Codecs()[0] }

func fixture(t testing.TB) []byte {
	t.Helper()
	src, err := os.ReadFile("testdata/certificate.xml")
	require.NoError(t, err)
	return src
}

func TestShared_comesBack(t *testing.T) {
	t.Parallel()
	for name, src := range carrytest.Shared(t, "sps", ".xml") {
		s, blobs, losses := carrytest.ComesBack(t, codec(), src)
		require.True(t, codec().Recognises(src), name)
		require.Empty(t, losses)
		require.Equal(t, attestation.SanitaryCertificate, s.Kind)
		require.Equal(t, &attestation.Route{ExportCountry: "AR", ImportCountry: "EC", Transit: []attestation.Economy{"US"}}, s.Route)
		require.Equal(t, attestation.Code{System: "HS", Code: "06029048"}, s.Objects[0].Classifications[0])
		// Five attachments, two of them the same; a sixth is too short to lift.
		require.Len(t, s.Evidence, 5)
		require.Len(t, blobs, 4)
		require.True(t, bytes.HasPrefix(blobs[0].Octets, []byte("%PDF-1.3")))
		require.True(t, bytes.HasPrefix(blobs[1].Octets, []byte("\x89PNG")))
		for _, r := range s.Residual {
			require.Less(t, len(r.Fragment), 10_000, r.Path)
		}
	}
}

func TestFixture_isRead(t *testing.T) {
	t.Parallel()
	s, blobs, losses := carrytest.ComesBack(t, codec(), fixture(t))
	require.Equal(t, []attestation.Identifier{
		{Scheme: "uncefact.sps", Value: "NZ-2026/0042-7"}, {Scheme: "uncefact.sps.asWritten", Value: "NZ_2026/0042-7"},
	}, s.Identifiers)
	require.Equal(t, attestation.LText{{Lang: "en", Value: "Phytosanitary certificate"}, {Lang: "zh", Value: "植物检疫证书"}, {Lang: "und", Value: "PC"}}, s.Title)
	require.Equal(t, attestation.DateV{Value: "2026-03-04T09:30:00+13:00"}, s.Dates.Issued)
	require.Equal(t, &attestation.DateV{Value: "2026-03-04T09:00:00Z", Lexical: "2026-03-04T09:00:00"}, s.Dates.Decided)
	require.Equal(t, []attestation.LText{{{Lang: "en", Value: "Found free of quarantine pests."}}}, s.Conditions)
	require.Equal(t, "Seeds & Sons", s.Parties[0].Name[0].Value)
	require.Equal(t, "ExampleImporters", s.Parties[1].Name[0].Value)
	require.Equal(t, []attestation.Economy{"SG"}, s.Route.Transit)
	require.Equal(t, []string{"Radiata pine", "Pinus radiata", "Cuttings"},
		[]string{s.Objects[0].Name[0].Value, s.Objects[1].Name[0].Value, s.Objects[2].Name[0].Value})
	require.Equal(t, attestation.Dec("14.40"), s.Objects[0].Quantity.Value)
	require.Nil(t, s.Objects[1].Quantity)

	// The regular attachment is lifted as its octets, the uneven one as its text.
	require.Len(t, blobs, 2)
	require.Equal(t, "application/pdf", blobs[0].MediaType)
	require.Equal(t, []byte{3, 10, 17}, blobs[0].Octets[:3])
	require.Contains(t, string(blobs[1].Octets), "\n")
	require.Equal(t, []attestation.Digest{blobs[0].Digest, blobs[1].Digest}, dialect.BlobsNamed(s))

	var told []string
	for _, l := range losses {
		told = append(told, l.Code+" "+l.Path[strings.LastIndexByte(l.Path, '/'):])
	}
	require.Equal(t, []string{"narrowed /r:ID", "assumed /u:DateTimeString", "narrowed /r:Name", "residual /r:ID", "whitespace /r:ScientificName"}, told)
}

func TestRows_sayWhatIsRead(t *testing.T) {
	t.Parallel()
	fields, err := sps.Fields(fixture(t))
	require.NoError(t, err)
	carrytest.HoldRows(t, sps.Rows(), fields)
}

func TestDecode_readsTheStatus(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]attestation.Status{
		"70": attestation.Valid, "40": attestation.Withdrawn, "39": attestation.Suspended, "44": attestation.Suspended, "x y": attestation.Suspended,
	} {
		src := bytes.Replace(fixture(t), []byte("<r:StatusCode>70<"), []byte("<r:StatusCode>"+code+"<"), 1)
		s, _, losses := carrytest.ComesBack(t, codec(), src)
		h, err := attestation.NewHistory(s.StatusEvents)
		require.NoError(t, err)
		require.Equal(t, want, h.Asserted(), code)
		require.Equal(t, code, s.StatusEvents[len(s.StatusEvents)-1].ReasonCode.Code)
		narrowed := false
		for _, l := range losses {
			narrowed = narrowed || l.Code == dialect.Narrowed && strings.HasSuffix(l.Path, "StatusCode")
		}
		require.Equal(t, want == attestation.Suspended, narrowed, code)
	}
}

// Every fault is found at once, each with its path.
func TestDecode_findsEverything(t *testing.T) {
	t.Parallel()
	const open = `<c:SPSCertificate xmlns:c="urn:un:unece:uncefact:data:standard:SPSCertificate:17" xmlns="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:21">`
	const doc, exchanged, consignment = "/c:SPSCertificate", "/c:SPSCertificate/c:SPSExchangedDocument", "/c:SPSCertificate/c:SPSConsignment"
	change := func(old, now string) string { return strings.Replace(string(fixture(t)), old, now, 1) }
	at := "/c:SPSCertificate/c:SPSExchangedDocument/r:"
	for name, test := range map[string]struct {
		src  string
		want []string
	}{
		"no XML":  {"{}", []string{"xml.syntax "}},
		"cut":     {string(fixture(t))[:2000], []string{"xml.syntax " + at + "ReferenceSPSReferencedDocument/r:AttachmentBinaryObject"}},
		"version": {change("SPSCertificate:17", "SPSCertificate:16"), []string{"schema.namespace /c:SPSCertificate"}},
		"empty":   {open + `</c:SPSCertificate>`, []string{"schema.missing_field " + doc + "/c:SPSExchangedDocument", "schema.missing_field " + doc + "/c:SPSConsignment"}},
		"nothing inside": {open + `<c:SPSExchangedDocument/><c:SPSConsignment/></c:SPSCertificate>`, []string{
			"schema.missing_field " + exchanged + "/c:ID", "schema.missing_field " + exchanged + "/c:TypeCode", "schema.missing_field " + exchanged + "/c:IssueDateTime",
			"schema.missing_field " + exchanged + "/c:StatusCode", "schema.missing_field " + exchanged + "/c:IssuerSPSParty",
			"schema.missing_field " + consignment + "/c:ConsignorSPSParty", "schema.missing_field " + consignment + "/c:ConsigneeSPSParty"}},
		"number empty": {change("NZ_2026/0042-7", " "), []string{"schema.missing_field " + at + "ID"}},
		"number twice": {change("<r:TypeCode>", "<r:ID>2</r:ID><r:TypeCode>"), []string{"schema.duplicate_field " + at + "ID[2]"}},
		"date":         {change("2026-03-04T09:30:00+13:00", "2026-02-30T09:30:00Z"), []string{"doc.date_invalid " + at + "IssueDateTime/u:DateTimeString"}},
		"date empty":   {change("2026-03-04T09:30:00+13:00", ""), []string{"schema.missing_field " + exchanged}},
		"HTML":         {change("Example Plant", "Example <b>Plant</b>"), []string{"xml.mixed_content " + at + "IssuerSPSParty/r:Name", "schema.missing_field " + at + "IssuerSPSParty"}},
		"base64":       {change("AAEC", "AA!C"), []string{"schema.format " + at + "ReferenceSPSReferencedDocument[3]/r:AttachmentBinaryObject"}},
		"status empty": {change("<r:StatusCode>70</r:StatusCode>", "<r:StatusCode/>"), []string{"schema.missing_field " + at + "StatusCode"}},
	} {
		_, _, _, err := codec().Read([]byte(test.src))
		require.Equal(t, test.want, carrytest.Found(err), name)
		_, _, err = codec().Decode([]byte(test.src))
		require.Error(t, err, name)
	}
}

func TestDecode_refusesWhatIsTooMuch(t *testing.T) {
	t.Parallel()
	repeat := func(n int) []byte {
		return bytes.Replace(fixture(t), []byte("<r:IncludedSPSNote>"),
			[]byte(strings.Repeat("<r:IncludedSPSNote><r:Subject/></r:IncludedSPSNote>", n)+"<r:IncludedSPSNote>"), 1)
	}
	_, _, err := codec().Decode(repeat(100_000))
	require.Equal(t, fault.XMLTooManyNodes, fault.CodeOf(err))
	_, _, err = codec().Decode(repeat(5_000))
	require.Equal(t, fault.JSONTooManyMembers, fault.CodeOf(err))
	carrytest.ComesBack(t, codec(), repeat(1_000))
}

func TestDecode_liftsABinaryOf20MB(t *testing.T) {
	t.Parallel()
	large := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("0123456789"), 2_000_000))
	src := bytes.Replace(fixture(t), []byte("AAEC"), []byte(large), 1)
	s, blobs, _, err := codec().Read(src)
	require.NoError(t, err)
	out, losses, err := codec().Encode(s, dialect.Options{Blob: dialect.BlobStore(blobs)})
	require.NoError(t, err)
	require.Empty(t, losses)
	require.Contains(t, string(out), large)
	require.Len(t, blobs, 3)
	require.Equal(t, 20_000_000, blobs[2].Size())
	require.Equal(t, "short.bin", s.Evidence[2].Name[0].Value)
}

func TestEncode_needsItsBlobsAndItsResidual(t *testing.T) {
	t.Parallel()
	s, blobs, _, err := codec().Read(fixture(t))
	require.NoError(t, err)
	encode := func(s *attestation.Submission, blobs []dialect.Blob) ([]dialect.Loss, error) {
		_, losses, err := codec().Encode(s, dialect.Options{Blob: dialect.BlobStore(blobs)})
		return losses, err
	}
	_, err = encode(s, blobs[:1])
	require.Equal(t, []string{"resource.not_found /residual/0"}, carrytest.Found(err))

	none := *s
	none.Residual = nil
	_, err = encode(&none, blobs)
	require.Equal(t, fault.HTTPNotAcceptable, fault.CodeOf(err))

	for name, change := range map[string]func(*attestation.Submission){
		"a piece less":     func(s *attestation.Submission) { s.Residual = s.Residual[:len(s.Residual)-1] },
		"a piece more":     func(s *attestation.Submission) { s.Residual = append(s.Residual, s.Residual[1]) },
		"a field less":     func(s *attestation.Submission) { s.Dates.Decided = nil },
		"a broken one":     func(s *attestation.Submission) { s.Residual[3].Fragment += "</r:x>" },
		"a blob of others": func(s *attestation.Submission) { s.Evidence = s.Evidence[:1] },
		"a broken blob":    func(s *attestation.Submission) { s.Residual[1].Fragment = "<?accord-blob x?>" },
	} {
		changed := *s
		changed.Residual = append([]attestation.Residual(nil), s.Residual...)
		change(&changed)
		_, err := encode(&changed, blobs)
		require.Equal(t, fault.SchemaFormat, fault.CodeOf(err), "%s: %v", name, err)
	}

	// A value that a field has by now is written, one that the dialect cannot
	// say is told.
	changed := *s
	changed.Title = append(attestation.LText{{Lang: "en", Value: "Certificate"}}, s.Title[1:]...)
	changed.Marking = []string{"X"}
	out, losses, err := codec().Encode(&changed, dialect.Options{Blob: dialect.BlobStore(blobs)})
	require.NoError(t, err)
	require.Contains(t, string(out), `<r:Name languageID="en">Certificate</r:Name>`)
	require.Equal(t, []dialect.Loss{{Path: "/marking", Code: dialect.Dropped, Severity: dialect.Error, Source: "native+json", Target: "sps"}}, losses)
}

func TestRecognises_onlyCertificates(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]bool{
		string(fixture(t)): true,
		`<SPSCertificate xmlns="urn:un:unece:uncefact:data:standard:SPSCertificate:16"/>`: true,
		`<SPSCertificate/>`: false, `{}`: false, ``: false, `<a xmlns="urn:un:unece:uncefact:data:standard:SPSCertificate:17"/>`: false,
	} {
		require.Equal(t, want, codec().Recognises([]byte(src)), "%.80s", src)
	}
}

// Whatever is read comes back as the same document.
func FuzzDecode(f *testing.F) {
	src, err := os.ReadFile("testdata/certificate.xml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(src)
	for _, old := range []string{"NZ_2026/0042-7", "Radiata pine", "2026-03-04T09:00:00"} {
		f.Add(bytes.Replace(src, []byte(old), []byte("<![CDATA[\u0085]]>&#13;<!--x-->"), 1))
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
	src := fixture(b)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := codec().Decode(src); err != nil {
			b.Fatal(err)
		}
	}
}
