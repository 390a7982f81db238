package cnca_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/formats/cnca"
	"accord/formats/dialect"
	"accord/formats/native"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

func codec(t testing.TB, name string) dialect.Codec {
	t.Helper()
	for _, c := range cnca.Codecs() {
		if c.Name == name || slices.Contains(c.Aliases, name) {
			return c
		}
	}
	t.Fatal("no codec ", name)
	return dialect.Codec{}
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return raw
}

func decode(t testing.TB, name string, src []byte) (*attestation.Submission, []dialect.Loss) {
	t.Helper()
	s, losses, err := codec(t, name).Decode(src)
	require.NoError(t, err)
	return s, losses
}

func encode(t testing.TB, name string, s *attestation.Submission) ([]byte, []dialect.Loss) {
	t.Helper()
	out, losses, err := codec(t, name).Encode(s, dialect.Options{})
	require.NoError(t, err)
	return out, losses
}

// sameJSON compares two objects without regard to the order of their members.
func sameJSON(t testing.TB, want, got []byte) {
	t.Helper()
	a, err := strictjson.Canonical(want)
	require.NoError(t, err)
	b, err := strictjson.Canonical(got)
	require.NoError(t, err, string(got))
	require.Equal(t, string(a), string(b))
}

// edited returns the report with fields changed; nil takes a field out.
func edited(t testing.TB, name string, change map[string]any) []byte {
	t.Helper()
	var m map[string]any
	d := json.NewDecoder(bytes.NewReader(file(t, name)))
	d.UseNumber()
	require.NoError(t, d.Decode(&m))
	for k, v := range change {
		if v == nil {
			delete(m, k)
		} else {
			m[k] = v
		}
	}
	raw, err := json.Marshal(m)
	require.NoError(t, err)
	return raw
}

func TestReport_isReadIntoTheModel(t *testing.T) {
	t.Parallel()
	s, losses := decode(t, "cnca", file(t, "report.json"))
	require.Empty(t, losses)
	require.Equal(t, []attestation.Identifier{{Scheme: "cn.cnca.ccc", Value: "2024990708000001"}, {Scheme: "cn.cnca.project", Value: "A2024CCC0708-000001"}}, s.Identifiers)
	require.Equal(t, attestation.DateV{Value: "2025-01-10", Zone: "+08:00", Lexical: "20250110"}, s.Dates.Issued)
	require.Equal(t, &attestation.DateV{Value: "2029-09-25", Zone: "+08:00", Inclusive: attestation.True}, s.Dates.Expires)
	require.Equal(t, "CNCA-C07-01:2017", s.Scheme.Rule.ID)
	require.Equal(t, attestation.Requirement{Type: "standard", ID: "GB 4706.7", Edition: "2014"}, s.Requirements[1])
	o := s.Objects[0]
	require.Len(t, o.Models, 14)
	require.Equal(t, attestation.Model{Model: "RX90CE", Note: attestation.LText{{Lang: "zh-CN", Value: "基站 RC0106"}}}, o.Models[0])
	require.Equal(t, attestation.True, o.ModelsComplete)
	require.Equal(t, []attestation.Code{{System: "cn.cnca.catalogue/SAMR-2020-18", Code: "0708"}, {System: "wco.hs/2022", Code: "8508110000"}}, o.Classifications)
	require.Equal(t, []string{"client", "manufacturer", "factory"}, []string{s.Parties[0].Role, s.Parties[1].Role, s.Parties[2].Role})
	require.Equal(t, attestation.Economy("CN"), s.Parties[0].Country)
	require.Equal(t, &attestation.Geo{Lat: "22.5431", Lon: "114.0579"}, s.Parties[2].Geo)
	var events []attestation.Event
	for _, ev := range s.StatusEvents {
		events = append(events, ev.Event)
	}
	require.Equal(t, []attestation.Event{attestation.EventIssue, attestation.EventAmend, attestation.EventSuspend}, events)
	require.Equal(t, "02", s.StatusEvents[2].ReasonCode.Code)
	require.Equal(t, attestation.Suspended, s.Status(time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)).Effective)
}

func TestRecords_comeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		format string
		src    []byte
	}{
		"report":              {"cnca", file(t, "report.json")},
		"look-up":             {"cnca-lookup", file(t, "lookup.json")},
		"withdrawn":           {"cnca", edited(t, "report.json", map[string]any{"证书状态": "撤销", "撤销原因": "认证产品不合格", "撤销日期": "20250701"})},
		"valid again":         {"cnca", edited(t, "report.json", map[string]any{"证书状态": "正常"})},
		"few fields":          {"cnca", []byte(`{"证书编号":"2024990708000001","证书状态":"01","发证日期":"2024-09-26","委托人名称(主)":"示例","产品名称及单元(主)":"吸尘器","到期日期":"长期有效"}`)},
		"null, number, alias": {"cnca", edited(t, "report.json", map[string]any{"备注": json.RawMessage("null"), "人数": json.RawMessage("320"), "工厂编号": nil, "生产企业工厂编号": "A012345"})},
		"foreign members":     {"cnca", edited(t, "report.json", map[string]any{"x y": "1", "nested": map[string]any{"a": []int{1, 2}}})},
		"attached models":     {"cnca", edited(t, "report.json", map[string]any{"规格型号": "见附页", "HS编码": " 8508.11.00.00 "})},
		"same parties":        {"cnca-lookup", edited(t, "lookup.json", map[string]any{"生产者（制造商）-所在国别地区": "156", "生产者（制造商）-统一社会信用代码/组织机构代码": "91440300MA5DEM012D"})},
		"suspended":           {"cnca-lookup", edited(t, "lookup.json", map[string]any{"证书状态": "暂停"})},
		"expired":             {"cnca-lookup", edited(t, "lookup.json", map[string]any{"证书状态": "过期失效", "证书到期日期": "2024-12-31"})},
		"long text":           {"cnca", edited(t, "report.json", map[string]any{"委托人经营范围": strings.Repeat("范围", 600) + "\n另"})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := decode(t, c.format, c.src)
			out, losses := encode(t, c.format, s)
			sameJSON(t, c.src, out)
			require.Empty(t, losses)
			// Through our own XML and back it is the same document.
			_, err := native.DecodeXML(native.AppendXML(nil, s))
			require.NoError(t, err)
			if name == "null, number, alias" || name == "foreign members" {
				return // JSON alone can hold them
			}
			xml := c.format + "+xml"
			asXML, losses := encode(t, xml, s)
			require.Empty(t, losses)
			require.True(t, codec(t, xml).Recognises(asXML))
			again, _ := decode(t, xml, asXML)
			require.Equal(t, s, again)
			twice, _ := encode(t, xml, again)
			require.Equal(t, string(asXML), string(twice))
		})
	}
}

func TestXML_carriesWhatItCan(t *testing.T) {
	t.Parallel()
	s, _ := decode(t, "cnca", edited(t, "report.json", map[string]any{"备注": json.RawMessage("null"), "nested": map[string]any{"a": 1}, "x y": "1"}))
	out, losses := encode(t, "cnca+xml", s)
	require.Len(t, losses, 2)
	require.Contains(t, string(out), "<x_x0020_y>1</x_x0020_y>")
	require.Contains(t, string(out), "<产品名称及单元_x0028_次_x002C_英_x0029_>Robot vacuum cleaner</产品名称及单元_x0028_次_x002C_英_x0029_>")
	// An element that no form has stays in its syntax.
	raw := bytes.Replace(out, []byte("</证书报告>"), []byte("<new><deep>1</deep></new><!-- note --></证书报告>"), 1)
	s, losses = decode(t, "cnca+xml", raw)
	require.Len(t, losses, 1)
	require.Equal(t, dialect.Comment, losses[0].Code)
	back, losses := encode(t, "cnca+xml", s)
	require.Empty(t, losses)
	require.Contains(t, string(back), "<new><deep>1</deep></new>")
	_, losses = encode(t, "cnca+json", s)
	require.Equal(t, dialect.Error, dialect.Worst(losses))
}

func TestLosses_areAllThatReadingDoesNotGiveAgain(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../../shared/data/canonical-example/ccc-vacuum.json")
	if err != nil {
		t.Skip("the test data of the field is not here: ", err)
	}
	s, err := native.DecodeJSON(raw)
	require.NoError(t, err)
	for _, name := range []string{"cnca+json", "cnca+xml", "cnca-lookup+json"} {
		out, losses := encode(t, name, s)
		var paths []string
		for _, l := range losses {
			paths = append(paths, l.Path)
		}
		require.Contains(t, paths, "/title", name)
		require.Contains(t, paths, "/objects/0/ratings", name)
		back, _ := decode(t, name, out)
		require.Equal(t, s.Identifiers, back.Identifiers)
		require.Equal(t, s.Dates, back.Dates)
		require.Equal(t, s.StatusEvents, back.StatusEvents)
		require.Equal(t, s.Objects[0].Models, back.Objects[0].Models)
		require.Equal(t, s.Requirements, back.Requirements)
	}
}

func TestRow_ofTheFieldIsRead(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../../shared/data/ids/identifiers.json")
	if err != nil {
		t.Skip("the test data of the field is not here: ", err)
	}
	var ids struct {
		Row  json.RawMessage `json:"cncaListRow"`
		USCC struct {
			Valid   []string
			Invalid []struct{ V string }
		}
		GB11714 struct{ Valid []string }
	}
	require.NoError(t, json.Unmarshal(raw, &ids))
	require.True(t, codec(t, "cnca-lookup").Recognises(ids.Row))
	require.False(t, codec(t, "cnca").Recognises(ids.Row))
	s, losses := decode(t, "cnca-lookup", ids.Row)
	require.Equal(t, "managementSystem", s.Objects[0].Type)
	require.NotEmpty(t, losses)
	out, losses := encode(t, "cnca-lookup", s)
	require.Empty(t, losses)
	sameJSON(t, ids.Row, out)

	for _, code := range append(ids.USCC.Valid, ids.GB11714.Valid...) {
		decode(t, "cnca", edited(t, "report.json", map[string]any{"委托人组织机构代码": code}))
	}
	for _, bad := range ids.USCC.Invalid {
		_, _, err := codec(t, "cnca").Decode(edited(t, "report.json", map[string]any{"委托人组织机构代码": bad.V}))
		require.Equal(t, "/委托人组织机构代码", fault.All(err)[0].At)
	}
}

func TestBadInput_isToldAtOnce(t *testing.T) {
	t.Parallel()
	_, _, err := codec(t, "cnca").Decode(edited(t, "report.json", map[string]any{
		"证书编号": "1999010708696171", "委托人组织机构代码": "91310115MA1G4L1WXK", "发证日期": "2025-02-30", "委托人所在国家地区": "XX", "证书状态": "换证", "备注": []int{1},
	}))
	var got []string
	for _, f := range fault.All(err) {
		got = append(got, f.At+" "+string(f.Code))
	}
	for _, want := range []string{"/发证日期 doc.date_invalid", "/委托人所在国家地区 schema.format", "/证书状态 schema.format", "/备注 schema.type"} {
		require.Contains(t, got, want)
	}
	_, _, err = codec(t, "cnca").Decode(edited(t, "report.json", map[string]any{"证书编号": "1999010708696171", "委托人组织机构代码": "91310115MA1G4L1WXK", "生产者组织机构代码": "914403001922038217"}))
	got = nil
	for _, f := range fault.All(err) {
		got = append(got, f.At+" "+string(f.Code))
	}
	require.Equal(t, []string{"/证书编号 schema.format", "/委托人组织机构代码 schema.format", "/生产者组织机构代码 schema.format"}, got)
}

func TestBadInput_hasItsCode(t *testing.T) {
	t.Parallel()
	s, _ := decode(t, "cnca", file(t, "report.json"))
	good, _ := encode(t, "cnca+xml", s)
	xml := func(old, now string) []byte {
		require.Contains(t, string(good), old)
		return bytes.Replace(good, []byte(old), []byte(now), 1)
	}
	for name, c := range map[string]struct {
		format string
		src    []byte
		code   fault.Code
	}{
		"array":             {"cnca", []byte("[]"), fault.SchemaType},
		"empty":             {"cnca", nil, fault.JSONEmpty},
		"double":            {"cnca", []byte(`{"证书编号":"1","证书编号":"1"}`), fault.JSONDuplicateMember},
		"by two names":      {"cnca", edited(t, "report.json", map[string]any{"生产企业工厂编号": "B"}), fault.SchemaDuplicateField},
		"blank number":      {"cnca", edited(t, "report.json", map[string]any{"证书编号": " "}), fault.SchemaMissingField},
		"nothing":           {"cnca", []byte("{}"), fault.SchemaMissingField},
		"another version":   {"cnca+xml", xml(cnca.Namespace, "urn:accord:cnca:2"), fault.SchemaNamespace},
		"another root":      {"cnca+xml", []byte("<x/>"), fault.SchemaNamespace},
		"attribute":         {"cnca+xml", xml("<证书编号>", `<证书编号 a="1">`), fault.SchemaUnknownField},
		"twice":             {"cnca+xml", xml("<证书编号>", "<证书编号>1</证书编号><证书编号>"), fault.SchemaDuplicateField},
		"text between":      {"cnca+xml", xml("<证书编号>", "text<证书编号>"), fault.XMLMixedContent},
		"markup in a field": {"cnca+xml", xml("智能吸尘器", "<b>智能</b>吸尘器"), fault.XMLMixedContent},
		"doctype":           {"cnca+xml", []byte("<!DOCTYPE a><a/>"), fault.XMLDoctypeForbidden},
		"100,000 elements":  {"cnca+xml", xml("<证书编号>", strings.Repeat("<b/>", 100_000)+"<证书编号>"), fault.XMLTooManyNodes},
		"100,000 others":    {"cnca", []byte(`{"a":[` + strings.Repeat("1,", 100_000) + `1]}`), fault.JSONTooManyMembers},
		"20 MB":             {"cnca", []byte(`{"附件1扫描件":"` + strings.Repeat("QUJD", 5<<20) + `"}`), fault.HTTPBodyTooLarge},
		"order of dates":    {"cnca", edited(t, "report.json", map[string]any{"到期日期": "2020-01-01"}), fault.DocDateOrder},
		"no reason's date":  {"cnca", edited(t, "report.json", map[string]any{"证书状态": "03"}), fault.SchemaMissingField},
		"of the future":     {"cnca", edited(t, "report.json", map[string]any{"证书编号": "2098990708000001"}), fault.SchemaFormat},
		"control character": {"cnca", edited(t, "report.json", map[string]any{"备注": "a\u0001"}), fault.SchemaForbiddenChar},
	} {
		s, _, err := codec(t, c.format).Decode(c.src)
		require.Error(t, err, name)
		require.Nil(t, s, name)
		require.Equal(t, c.code, fault.CodeOf(err), "%s: %v", name, err)
	}
}

func TestReport_refusesWhatItHasNoWordFor(t *testing.T) {
	t.Parallel()
	s, _ := decode(t, "cnca", file(t, "report.json"))
	s.Kind = attestation.TestReport
	_, _, err := codec(t, "cnca").Encode(s, dialect.Options{})
	require.Equal(t, fault.HTTPNotAcceptable, fault.CodeOf(err))
}

// A field whose value was changed since it was read is not overwritten by how it
// was written then.
func TestResidual_doesNotUndoAChange(t *testing.T) {
	t.Parallel()
	s, _ := decode(t, "cnca", edited(t, "report.json", map[string]any{"规格型号": "A; B"}))
	s.Objects[0].Models = append(s.Objects[0].Models, attestation.Model{Model: "C"})
	out, losses := encode(t, "cnca", s)
	require.Contains(t, string(out), "A、B、C")
	require.Len(t, losses, 1)
	require.Equal(t, dialect.Residual, losses[0].Code)
}

func TestRows_areTheFieldsOfTheReport(t *testing.T) {
	t.Parallel()
	var m map[string]string
	require.NoError(t, json.Unmarshal(file(t, "report.json"), &m))
	rows := codec(t, "cnca").Rows
	require.Len(t, rows, 79)
	for i, r := range rows {
		number, name, ok := strings.Cut(r.Foreign, " ")
		if i >= 77 {
			name, ok = number, true
		}
		require.True(t, ok)
		require.Contains(t, m, name)
	}
}

// report.xml is the same report; bench/peers/node converts it too.
func TestXML_isTheFixture(t *testing.T) {
	t.Parallel()
	s, _ := decode(t, "cnca", file(t, "report.json"))
	out, losses := encode(t, "cnca+xml", s)
	require.Empty(t, losses)
	require.Equal(t, string(file(t, "report.xml")), string(out))
}
