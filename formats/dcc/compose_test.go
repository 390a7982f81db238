package dcc_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"accord/attestation"
	"accord/formats/carry/carrytest"
	"accord/formats/dialect"
	"accord/formats/native"
	"accord/internal/fault"
)

// foreign is a calibration certificate that did not come as a DCC.
func foreign(t testing.TB) *attestation.Submission {
	t.Helper()
	s, _, _, err := codec().Read(fixture(t, "certificate"))
	require.NoError(t, err)
	s.Residual = nil
	return s
}

func write(t testing.TB, s *attestation.Submission) ([]byte, []string) {
	t.Helper()
	out, losses, err := codec().Encode(s, dialect.Options{})
	require.NoError(t, err)
	var told []string
	for _, l := range losses {
		require.Equal(t, "native+json", l.Source)
		require.Equal(t, "dcc", l.Target)
		told = append(told, string(l.Severity)+" "+l.Code+" "+l.Path)
	}
	return out, told
}

// A certificate is written with all that the dialect has words for, and what it
// has not is told.
func TestEncode_writesCertificatesOfOtherOrigin(t *testing.T) {
	t.Parallel()
	s := foreign(t)
	out, losses := write(t, s)
	require.Equal(t, []string{
		"warning narrowed /dates/issued/value",
		"error dropped /evidence",
		"error dropped /relations",
		"warning narrowed /statusEvents/0/effective/value",
	}, losses[:4:4][:4], "%v", losses)
	back, _, _, err := codec().Read(out)
	require.NoError(t, err)
	require.Equal(t, s.Identifiers, back.Identifiers)
	require.Equal(t, s.Issuer.Name, back.Issuer.Name)
	require.Equal(t, s.Parties[0].Name, back.Parties[0].Name)
	require.Equal(t, s.Objects, back.Objects)
	require.Equal(t, s.Conditions, back.Conditions)
	require.Equal(t, s.Assessments, back.Assessments)
}

// What a certificate lost is all that it lost: written and read again it loses
// nothing further.
func TestEncode_losesOnlyOnce(t *testing.T) {
	t.Parallel()
	out, _ := write(t, foreign(t))
	once, _, _, err := codec().Read(out)
	require.NoError(t, err)
	once.Residual = nil
	again, losses := write(t, once)
	require.Empty(t, losses)
	require.Equal(t, string(out), string(again))
}

func TestEncode_tellsWhatItHasNoWordFor(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../native/testdata/everything.json")
	require.NoError(t, err)
	s, err := native.DecodeJSON(raw)
	require.NoError(t, err)
	_, _, err = codec().Encode(s, dialect.Options{})
	require.Equal(t, fault.HTTPNotAcceptable, fault.CodeOf(err), "a certification is no calibration")

	s.Kind = attestation.CalibrationCertificate
	out, losses := write(t, s)
	for _, field := range []string{"/scheme", "/accreditation", "/scope", "/marking", "/trustmarks", "/recognitionClaims", "/extensions", "/cycle"} {
		require.Contains(t, losses, "error dropped "+field)
	}
	back, _, _, err := codec().Read(out)
	require.NoError(t, err)
	require.Equal(t, s.Kind, back.Kind)
}

func TestEncode_anySubmissionThatIsACalibration(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*attestation.Submission){
		"nothing optional": func(s *attestation.Submission) {
			s.Languages, s.Assessments, s.Conditions, s.Evidence, s.Relations, s.Sites = nil, nil, nil, nil, nil, nil
			s.Issuer = attestation.Party{Role: "lab", Name: attestation.LText{{Lang: "und", Value: "L"}}}
			s.Parties = []attestation.Party{{Role: "x", Ref: "lab"}}
			s.Objects = []attestation.Object{{Type: "instrument", Name: attestation.LText{{Lang: "und", Value: "I"}}}}
			s.Dates = attestation.Dates{Issued: attestation.DateV{Value: "2026-01-01T10:00:00Z"}}
			s.StatusEvents[0].Effective = s.Dates.Issued
		},
		"languages of three letters": func(s *attestation.Submission) {
			s.Languages = nil
			s.Issuer.Name = attestation.LText{{Lang: "cmn-Hans", Value: "实验室"}, {Lang: "mi", Value: "Taiwhanga"}}
		},
		"no common language": func(s *attestation.Submission) {
			s.Languages = nil
			s.Issuer.Name = attestation.LText{{Lang: "zh-CN", Value: "实验室"}}
			s.Objects[0].Name = attestation.LText{{Lang: "ru", Value: "Гиря"}}
		},
		"results of every sort": func(s *attestation.Submission) {
			s.Assessments[0].Results = []attestation.Result{
				{Qty: attestation.Qty{Name: "a", Value: "14.40", Unit: attestation.Code{System: "unece.rec20", Code: "KGM"}}},
				{Qty: attestation.Qty{Name: "b"}, Text: attestation.LText{{Lang: "en", Value: "a <b> & c"}}},
				{Qty: attestation.Qty{Name: "c"}, Score: "9"},
			}
		},
	} {
		s := foreign(t)
		change(s)
		findings, _ := s.Validate(s.ActDate())
		require.Empty(t, findings, name)
		out, _ := write(t, s)
		validate(t, out)
	}
	out, _ := write(t, foreign(t))
	validate(t, out)
}

// Any valid calibration certificate is written, and what is read back differs by
// what was told only.
func TestEncode_isDefinedForAllCalibrations(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawCalibration(t)
		if findings, _ := s.Validate(s.ActDate()); len(findings) > 0 {
			t.Fatalf("the generator made %v", findings)
		}
		out, losses, err := codec().Encode(s, dialect.Options{})
		if err != nil {
			t.Fatalf("%s: %v", native.AppendJSON(nil, s), err)
		}
		back, _, _, err := codec().Read(out)
		if err != nil {
			t.Fatal(err)
		}
		told := func(path string) bool {
			return slices.ContainsFunc(losses, func(l dialect.Loss) bool { return strings.HasPrefix(l.Path, path) })
		}
		for path, same := range map[string]bool{
			"/identifiers": reflect.DeepEqual(s.Identifiers, back.Identifiers), "/issuer": reflect.DeepEqual(s.Issuer, back.Issuer),
			"/objects": reflect.DeepEqual(s.Objects, back.Objects), "/dates": reflect.DeepEqual(s.Dates, back.Dates),
			"/conditions": reflect.DeepEqual(s.Conditions, back.Conditions), "/languages": reflect.DeepEqual(s.Languages, back.Languages),
		} {
			// What only the reading back has, such as a date of receipt, is no loss.
			if !same && !told(path) && len(native.AppendJSON(nil, s)) > len(native.AppendJSON(nil, back)) {
				t.Fatalf("%s differs and nothing tells it:\n%s\n%s", path, native.AppendJSON(nil, s), native.AppendJSON(nil, back))
			}
			if same && told(path) {
				t.Fatalf("%s is told and does not differ: %v", path, losses)
			}
		}
		// What was lost once is not lost again.
		back.Residual = nil
		if _, losses, err = codec().Encode(back, dialect.Options{}); err != nil || len(losses) > 0 {
			t.Fatalf("%s\nloses again: %v, %v", native.AppendJSON(nil, back), losses, err)
		}
	})
}

func drawCalibration(t *rapid.T) *attestation.Submission {
	texts := func(label string) (texts attestation.LText) {
		for range rapid.IntRange(1, 3).Draw(t, label) {
			texts = append(texts, attestation.Text{
				Lang:  rapid.SampledFrom([]string{"und", "en", "zh-CN", "zh", "cmn", "ru"}).Draw(t, "lang"),
				Value: rapid.SampledFrom([]string{"x", "a <b> & \"c\"", "砝码", " y ", "]]>"}).Draw(t, "value"),
			})
		}
		return texts
	}
	dates := rapid.SampledFrom([]string{"2026-01-02", "2026-01-03", "2026-01-02T23:00:00-10:00", "2026-01-03T10:00:00+14:00"})
	date := func(label string) *attestation.DateV {
		d := &attestation.DateV{Value: dates.Draw(t, label)}
		if d.DateOnly() {
			d.Zone = rapid.SampledFrom([]string{"", "+13:00", "-11:00"}).Draw(t, "zone")
			if d.Zone != "" && rapid.Bool().Draw(t, "lexical") {
				d.Lexical = d.Value + d.Zone
			}
		}
		return d
	}
	s := &attestation.Submission{
		ModelVersion: "1.0", Kind: attestation.CalibrationCertificate, Party: attestation.UnspecifiedParty, Regime: attestation.UnspecifiedRegime,
		Identifiers: []attestation.Identifier{{Scheme: rapid.SampledFrom([]string{"ptb.dcc", "x"}).Draw(t, "scheme"), Value: "A 1"}},
		Issuer:      attestation.Party{Role: "calibrationLaboratory", Name: texts("issuer")},
		Parties:     []attestation.Party{{Role: "client", Name: texts("client"), Address: texts("address")}},
		Dates:       attestation.Dates{Issued: *date("issued")},
	}
	for range rapid.IntRange(1, 3).Draw(t, "objects") {
		o := attestation.Object{Type: "instrument", Name: texts("object")}
		if rapid.Bool().Draw(t, "described") {
			o.Description = texts("description")
			o.Models = []attestation.Model{{Model: "M"}, {Model: "N"}}[:rapid.IntRange(1, 2).Draw(t, "models")]
			o.Serials = []string{"S"}
		}
		s.Objects = append(s.Objects, o)
	}
	for range rapid.IntRange(0, 2).Draw(t, "conditions") {
		s.Conditions = append(s.Conditions, texts("condition"))
	}
	if rapid.Bool().Draw(t, "performed") {
		s.Dates.PerformedFrom = date("from")
	}
	if to := date("to"); s.Dates.PerformedFrom == nil || !to.Instant().Before(s.Dates.PerformedFrom.Instant()) {
		s.Dates.PerformedTo = to
	}
	s.StatusEvents = []attestation.StatusEvent{{Seq: 1, Event: attestation.EventIssue, Effective: s.Dates.Issued}}
	return s
}

// validate holds a document against the published schema of version 3.1.2, where
// that and a validator are at hand.
func validate(t *testing.T, src []byte) {
	t.Helper()
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Log("not held against the schema: xmllint is not there")
		return
	}
	schemas := carrytest.Shared(t, "dcc", ".xsd")
	dir := t.TempDir()
	file := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, text, 0o600))
		return path
	}
	// The schema of D-SI that is at hand is 2.0.0; 3.1.2 wants 2.1.0, which adds the
	// list that we never write.
	const lists = `<xs:element name="realListXMLList" type="si:realListXMLListType"/><xs:complexType name="realListXMLListType"/></xs:schema>`
	file("SI_Format.xsd", []byte(strings.Replace(string(schemas["SI_Format.xsd"]), "</xs:schema>", lists, 1)))
	schema := file("dcc.xsd", []byte(strings.ReplaceAll(string(schemas["dcc.xsd"]), "https://ptb.de/si/v2.1.0/SI_Format.xsd", "SI_Format.xsd")))
	out, err := exec.Command(lint, "--nonet", "--noout", "--schema", schema, file("certificate.xml", src)).CombinedOutput()
	require.NoError(t, err, "%s\n%s", out, src)
}
