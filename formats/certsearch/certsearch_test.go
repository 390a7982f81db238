package certsearch_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/formats/certsearch"
	"accord/formats/native"
	"accord/internal/fault"
)

var now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// base is a record that is taken.
func base() map[string]string {
	return map[string]string{
		"certification_identity_number": "CIN-1", "certificate_number": "MS 1", "certification_status": "Active",
		"certificate_accreditation_status": "Accredited", "certification_type": "Management System",
		"certification_issue_date": "20240501", "certification_expiry_date": "20270430",
		"certified_entity_name": "Example Works", "certified_entity_country": "NZ",
		"accreditation_body_name": "Example Accreditation", "certification_body_identity_number": "CB-7",
		"standards_name": "ISO 9001:2015",
	}
}

// asCSV writes records with the columns of the first.
func asCSV(records ...map[string]string) string {
	var names []string
	for name := range records[0] {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	b.WriteString(strings.Join(names, ",") + "\r\n")
	for _, r := range records {
		for i, name := range names {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`"` + strings.ReplaceAll(r[name], `"`, `""`) + `"`)
		}
		b.WriteString("\r\n")
	}
	return b.String()
}

func with(name, value string) map[string]string {
	r := base()
	r[name] = value
	return r
}

// outcome is what a reader gives for one record.
type outcome struct {
	sub *attestation.Submission
	err error
}

func read(t testing.TB, src io.Reader, o certsearch.Options) (out []outcome, err error) {
	t.Helper()
	r, err := certsearch.NewReader(src)
	if err != nil {
		return nil, err
	}
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		require.Equal(t, len(out)+1, rec.Row)
		sub, err := rec.Submission(o, now)
		out = append(out, outcome{sub, err})
	}
}

// codes are the findings of one record as "code column".
func codes(err error) (out []string) {
	for _, f := range fault.All(err) {
		out = append(out, string(f.Code)+" "+f.At)
	}
	return out
}

func TestReader_CSVandXMLSayTheSame(t *testing.T) {
	t.Parallel()
	var both [2][]outcome
	for i, name := range []string{"testdata/two.csv", "testdata/two.xml"} {
		src, err := os.ReadFile(name)
		require.NoError(t, err)
		both[i], err = read(t, bytes.NewReader(src), certsearch.Options{})
		require.NoError(t, err)
		require.Len(t, both[i], 2)
		for _, o := range both[i] {
			require.NoError(t, o.err)
		}
		crlf := bytes.ReplaceAll(src, []byte("\n"), []byte("\r\n"))
		again, err := read(t, bytes.NewReader(crlf), certsearch.Options{})
		require.NoError(t, err)
		require.Equal(t, both[i], again, "line ends are not content")
	}
	require.Equal(t, both[0], both[1])

	s := both[0][0].sub
	require.Equal(t, attestation.Identifier{Scheme: certsearch.DefaultNumberScheme, Value: "MS 10001/A"}, s.Identifiers[0])
	require.Equal(t, `Design and making of pumps, "wet" and dry`, s.Scope[0].Value)
	require.Equal(t, attestation.LText{{Lang: "und", Value: "浙江水泵有限公司"}, {Lang: "en", Value: "Zhejiang Pumps Co."}}, s.Parties[0].Name)
	require.Equal(t, attestation.Economy("CN"), s.Parties[0].Country)
	require.Equal(t, attestation.DateV{Value: "2018-05-01", Zone: "+00:00", Lexical: "20180501"}, *s.Dates.FirstIssued)
	require.Equal(t, attestation.DateV{Value: "2027-04-30", Zone: "+00:00"}, *s.Dates.Expires)
	require.Equal(t, "ISO 9001", s.Requirements[0].ID)
	require.Equal(t, "2015", s.Requirements[0].Edition)
	require.Equal(t, "ISO 14001:2015/Amd 1:2024", s.Requirements[1].Title[0].Value)
	require.Len(t, s.Sites, 2)
	require.Equal(t, "Assembly", s.Sites[0].Scope[0].Value)
	require.Equal(t, attestation.Code{System: "org.iaf.sector", Code: "18"}, s.ScopeCodes[0])
	require.Equal(t, "Accredited", s.Accreditation[0].Status)

	ev := both[0][1].sub.StatusEvents
	require.Equal(t, attestation.EventSuspend, ev[1].Event)
	require.Equal(t, "2025-01-02", ev[1].Effective.Value)
	require.Equal(t, "suspended", ev[1].ReasonCode.Code, "the word as it was written")
	_, err := native.DecodeJSON(native.AppendJSON(nil, s))
	require.NoError(t, err)
}

func TestRecord_statusWords(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		word  string
		want  attestation.Status
		wrong []string
	}{
		{word: "Active", want: attestation.Valid},
		{word: "ACTIVE", want: attestation.Valid},
		{word: "Suspended", want: attestation.Suspended},
		{word: "Withdrawn", want: attestation.Withdrawn},
		{word: "Cancelled", want: attestation.Cancelled},
		{word: "Expired", wrong: []string{"doc.date_order certification_expiry_date"}},
		{word: "Draft", wrong: []string{"schema.format certification_status"}},
		{word: "Inactive", wrong: []string{"schema.format certification_status"}},
		{word: "hidden", wrong: []string{"schema.format certification_status"}},
		{word: "Pending", wrong: []string{"schema.format certification_status"}},
		{word: "Deleted", wrong: []string{"schema.format certification_status"}},
		{word: "Revoked", wrong: []string{"schema.format certification_status"}},
		{word: "", wrong: []string{"schema.missing_field certification_status"}},
	} {
		out, err := read(t, strings.NewReader(asCSV(with("certification_status", tc.word))), certsearch.Options{AsOf: "2025-06-01"})
		require.NoError(t, err)
		require.Equal(t, tc.wrong, codes(out[0].err), tc.word)
		if tc.wrong != nil {
			continue
		}
		h, err := attestation.NewHistory(out[0].sub.StatusEvents)
		require.NoError(t, err)
		require.Equal(t, tc.want, h.At(&out[0].sub.Dates, now).Effective, tc.word)
		last := out[0].sub.StatusEvents[len(out[0].sub.StatusEvents)-1]
		require.Equal(t, tc.word, last.ReasonCode.Code)
	}
	gone := with("certification_status", "Expired")
	gone["certification_expiry_date"] = "20250430"
	out, err := read(t, strings.NewReader(asCSV(gone)), certsearch.Options{AsOf: "2025-06-01"})
	require.NoError(t, err)
	require.NoError(t, out[0].err)
}

func TestRecord_statusNeedsADate(t *testing.T) {
	t.Parallel()
	out, err := read(t, strings.NewReader(asCSV(with("certification_status", "Withdrawn"))), certsearch.Options{})
	require.NoError(t, err)
	require.Equal(t, []string{"schema.missing_field certification_status_date"}, codes(out[0].err))
}

func TestRecord_badValues(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ column, value, want string }{
		{"certified_entity_lei", "5493001KJTIIGC8Y1R13", "schema.format certified_entity_lei"},
		{"certified_entity_uscc", "91310115MA1G4L1WXK", "schema.format certified_entity_uscc"},
		{"certification_issue_date", "20240231", "doc.date_invalid certification_issue_date"},
		{"certification_issue_date", "01/05/2024", "doc.date_invalid certification_issue_date"},
		{"certification_issue_date", "20280101", "doc.date_order certification_expiry_date"},
		{"certification_expiry_date", "", "schema.missing_field certification_expiry_date"},
		{"certified_entity_country", "Atlantis", "schema.format certified_entity_country"},
		{"certified_entity_name", "<b>Works</b>", "schema.forbidden_char certified_entity_name"},
		{"certification_scope", "a <script>x()</script>", "schema.forbidden_char certification_scope"},
		{"certified_entity_name", "a\x00b", "schema.forbidden_char certified_entity_name"},
		{"certified_entity_name", "a\xffb", "schema.forbidden_char certified_entity_name"},
		{"certificate_number", strings.Repeat("9", 61), "schema.length certificate_number"},
		{"certificate_number", "?", "schema.format certificate_number"},
		{"certificate_accreditation_status", "Perhaps", "schema.format certificate_accreditation_status"},
		{"accreditation_body_name", "", "schema.missing_field accreditation_body_name"},
		{"certification_body_identity_number", "", "schema.missing_field certification_body_identity_number"},
		{"certification_type", "Product", "schema.format certification_type"},
		{"standards_name", "ISO 9001:2015;", "schema.missing_field standards_name"},
		{"sector_name", "Pumps", "schema.length sector_name"},
		{"site_1_country", "XX", "schema.format site_1_country"},
		{"site_1_street", "a\tb", "schema.forbidden_char site_1_street"},
		{"certification_scope", strings.Repeat("x", 20<<20), "schema.length "},
	} {
		out, err := read(t, strings.NewReader(asCSV(with(tc.column, tc.value), with(tc.column, base()[tc.column]))), certsearch.Options{})
		require.NoError(t, err)
		require.Len(t, out, 2, "the next record is read")
		require.Contains(t, codes(out[0].err), tc.want, "%s %.40q: %v", tc.column, tc.value, out[0].err)
	}
	two := with("certified_entity_lei", "x")
	two["certification_issue_date"], two["certified_entity_country"] = "x", "x"
	out, err := read(t, strings.NewReader(asCSV(two)), certsearch.Options{})
	require.NoError(t, err)
	require.Len(t, codes(out[0].err), 2, "every finding at once")
}

func TestReader_header(t *testing.T) {
	t.Parallel()
	good := asCSV(base())
	head, _, _ := strings.Cut(good, "\r\n")
	for name, tc := range map[string]struct{ src, want string }{
		"empty":     {"", "schema.missing_field "},
		"unknown":   {head + ",colour\r\n", "schema.unknown_field colour"},
		"twice":     {head + ",standards_name\r\n", "schema.duplicate_field standards_name"},
		"missing":   {strings.Replace(head, ",certificate_number", "", 1) + "\r\n", "schema.missing_field certificate_number"},
		"case":      {strings.ToUpper(head) + "\r\n", "schema.missing_field certificate_number"},
		"site zero": {head + ",site_0_street\r\n", "schema.unknown_field site_0_street"},
		"site 101":  {head + ",site_101_street\r\n", "schema.unknown_field site_101_street"},
	} {
		_, err := certsearch.NewReader(strings.NewReader(tc.src))
		require.Contains(t, codes(err), tc.want, name)
	}
	_, err := certsearch.NewReader(strings.NewReader("\ufeff" + good))
	require.NoError(t, err, "spreadsheets write a byte order mark")
}

func TestReader_rows(t *testing.T) {
	t.Parallel()
	good := asCSV(base())
	row := strings.SplitN(good, "\r\n", 3)[1] + "\r\n"
	for name, tc := range map[string]struct{ row, want string }{
		"short":         {"a,b\n", "schema.length "},
		"long":          {strings.TrimSuffix(row, "\r\n") + ",x\n", "schema.length "},
		"blank":         {"\n", "schema.length "},
		"CR in front":   {"a\r,\n", "schema.length "},
		"quote inside":  {"a\"b" + row, "schema.format "},
		"after a quote": {`"a"b,` + row, "schema.format "},
	} {
		out, err := read(t, strings.NewReader(good+tc.row+row), certsearch.Options{})
		require.NoError(t, err, name)
		require.Len(t, out, 3, name)
		require.Equal(t, []string{tc.want}, codes(out[1].err), name)
		require.NoError(t, out[2].err, name)
	}
	// A carriage return before an empty last field is of the field before it.
	head, _, _ := strings.Cut(good, "\r\n")
	out, err := read(t, strings.NewReader(head+",sector_code\r\n"+strings.TrimSuffix(row, "\"\r\n")+"\r\",\n"), certsearch.Options{})
	require.NoError(t, err)
	require.Equal(t, []string{"schema.forbidden_char standards_name"}, codes(out[0].err))
	_, err = read(t, strings.NewReader(good+`"never closed`), certsearch.Options{})
	require.Equal(t, fault.SchemaFormat, fault.CodeOf(err))
}

func TestReader_badXML(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("testdata/two.xml")
	require.NoError(t, err)
	good := string(src)
	for name, tc := range map[string]struct{ old, new, want string }{
		"unknown element": {"<sites>", "<colour>red</colour><sites>", "schema.unknown_field "},
		"twice":           {"<certificate_number>", "<certificate_number>x</certificate_number><certificate_number>", "schema.duplicate_field "},
		"markup":          {"1 River Road", "1 <b>River</b> Road", "schema.unknown_field "},
		"escaped markup":  {"1 River Road", "1 &lt;b> Road", "schema.forbidden_char certified_entity_street_address"},
		"attribute":       {"<sites>", `<sites n="1">`, "schema.unknown_field "},
		"namespace":       {"<sites>", `<sites xmlns="urn:x">`, "schema.unknown_field "},
		"text":            {"<sites>", "words<sites>", "xml.mixed_content "},
		"comment":         {"1 River", "1 <!-- x --> River", "xml.comment_in_value "},
		"entity":          {"1 River", "1 &x; River", "xml.undefined_entity "},
		"crossed":         {"<sites>", "<sites></certification_scope><sites>", "xml."},
		"not UTF-8":       {"1 River", "1 \xff River", "xml."},
		"many":            {"<sites>", "<sites>" + strings.Repeat("<site/>", 100_000), "xml.too_many_nodes"},
		"many empty":      {"<sites>", "<sites>" + strings.Repeat("<site/>", 50_000), "schema.missing_field site_1_street"},
		"large":           {"1 River", strings.Repeat("x", 20<<20), "schema.length "},
		"many unknown":    {"<sites>", strings.Repeat("<x/>", 20_000) + "<sites>", "schema.length "},
		"other record":    {"  <certification>\n    <certification_identity_number>CIN-0001", "  <certificates>\n    <certification_identity_number>CIN-0001", "xml."},
	} {
		out, _ := read(t, strings.NewReader(strings.Replace(good, tc.old, tc.new, 1)), certsearch.Options{})
		require.NotEmpty(t, out, name)
		require.Condition(t, func() bool {
			return slices.ContainsFunc(codes(out[0].err), func(c string) bool { return strings.HasPrefix(c, tc.want) })
		}, "%s: %.300s", name, fmt.Sprint(codes(out[0].err)))
		require.Less(t, len(codes(out[0].err)), 200, name)
	}
	for name, tc := range map[string]struct{ src, want string }{
		"doctype":   {"<!DOCTYPE x><certifications/>", "xml.doctype_forbidden"},
		"root":      {"<records/>", "schema.unknown_field"},
		"namespace": {`<certifications xmlns="urn:x"/>`, "schema.unknown_field"},
		"cut short": {good[:len(good)-40], "xml.syntax"},
		"trailing":  {good + "<x/>", "xml.trailing_data"},
		"text":      {"<certifications>words<certification/></certifications>", "xml.mixed_content"},
		"encoding":  {strings.Replace(good, "UTF-8", "UTF-16", 1), "xml.encoding_forbidden"},
	} {
		_, err := read(t, strings.NewReader(tc.src), certsearch.Options{})
		require.Equal(t, tc.want, string(fault.CodeOf(err)), name)
	}
	out, err := read(t, strings.NewReader("<certifications/>"), certsearch.Options{})
	require.NoError(t, err)
	require.Empty(t, out)
}

// many gives a file of n records without holding it.
func many(n int, xml bool) io.Reader {
	src, err := os.ReadFile(map[bool]string{false: "testdata/two.csv", true: "testdata/two.xml"}[xml])
	if err != nil {
		panic(err)
	}
	head, row, _ := bytes.Cut(src, []byte("\n"))
	tail := ""
	if xml {
		from := bytes.Index(src, []byte("<certification>"))
		head, row = src[:from], src[from:bytes.Index(src, []byte("</certifications>"))]
		tail = "</certifications>"
	}
	readers := []io.Reader{bytes.NewReader(append(slices.Clone(head), '\n'))}
	for range n / 2 {
		readers = append(readers, bytes.NewReader(row))
	}
	return io.MultiReader(append(readers, strings.NewReader(tail))...)
}

func TestReader_memoryDoesNotGrowWithTheFile(t *testing.T) {
	for _, xml := range []bool{false, true} {
		r, err := certsearch.NewReader(many(40_000, xml))
		require.NoError(t, err)
		var first, last runtime.MemStats
		for n := 0; ; n++ {
			_, err := r.Next()
			if errors.Is(err, io.EOF) {
				require.Equal(t, 40_000, n)
				break
			}
			require.NoError(t, err)
			switch n {
			case 1_000:
				runtime.GC()
				runtime.ReadMemStats(&first)
			case 39_000:
				runtime.GC()
				runtime.ReadMemStats(&last)
			}
		}
		require.Less(t, int64(last.HeapAlloc)-int64(first.HeapAlloc), int64(4<<20), "xml=%v", xml)
	}
}

func BenchmarkRecord_Submission(b *testing.B) {
	for _, xml := range []bool{false, true} {
		b.Run(fmt.Sprintf("xml=%v", xml), func(b *testing.B) {
			r, err := certsearch.NewReader(many(b.N+2, xml))
			require.NoError(b, err)
			b.ResetTimer()
			for range b.N {
				rec, err := r.Next()
				if err != nil {
					b.Fatal(err)
				}
				if _, err := rec.Submission(certsearch.Options{}, now); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// FuzzReader: no input makes a panic, and what is taken validates and can be
// written and read again.
func FuzzReader(f *testing.F) {
	for _, name := range []string{"testdata/two.csv", "testdata/two.xml"} {
		src, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(src)
	}
	f.Add([]byte(asCSV(with("certified_entity_name", "a\"\nb"))))
	f.Add([]byte("<certifications><certification><sites><site><street>x</street></site></sites></certification></certifications>"))
	f.Fuzz(func(t *testing.T, src []byte) {
		out, _ := read(t, bytes.NewReader(src), certsearch.Options{AsOf: "2025-06-01"})
		for _, o := range out {
			if o.err != nil {
				require.NotEmpty(t, fault.All(o.err))
				require.NotEqual(t, fault.Internal, fault.CodeOf(o.err))
				continue
			}
			again, err := native.DecodeJSON(native.AppendJSON(nil, o.sub))
			require.NoError(t, err)
			require.Equal(t, o.sub, again)
		}
	})
}
