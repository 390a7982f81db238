package native_test

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"accord/attestation"

	"pgregory.net/rapid"
)

// Generators of submissions by reflection over the model: whatever field it
// gets, it is filled. What a string may be is said by the name of its field.

var enums = map[string][]string{
	"Submission.ModelVersion": {"1.0"},
	"Submission.Kind":         {"certification", "testReport", "recognitionDecision"},
	"Submission.Party":        {"first", "unspecified"},
	"Submission.Regime":       {"compulsory", "nationalVoluntary"},
	"Party.Role":              {"client", "consignee"},
	"Party.Ref":               {"client", "factory"},
	"Object.Type":             {"product", "managementSystem"},
	"Requirement.Type":        {"standard", "regulation", "criterion"},
	"Assessment.Activity":     {"testing", "surveillance"},
	"Assessment.Outcome":      {"pass", "notStated"},
	"StatusEvent.Event":       {"issue", "restoreAfterExpiry"},
	"Relation.Type":           {"supersedes", "recognises"},
	"Evidence.Purpose":        {"certificate", "auditable"},
	"Text.Lang":               {"en", "zh-CN", "und", "x-1"},
	"Languages.Used":          {"en", "zh-Hans-CN"},
	"Languages.Mandatory":     {"en"},
	"DateV.Value":             {"2024-09-26", "2024-09-26T24:00:00Z", "2024-09-26T01:02:03.5-03:00"},
	"DateV.Zone":              {"+08:00", "-03:30"},
	"Economy":                 {"CN", "HK", "NZ"},
	"Dec":                     {"14.40", "-0.020", "+5", "00900"},
}

// required is what the model's tags call optional and the form demands.
var required = map[string]bool{"Party.Role": true, "Qty.Value": true, "Qty.Unit": true}

// lineRunes are characters of every length and every need of an escape.
var lineRunes = []rune("aZ09 _-/\\\"'<>&]]>=%é中文\u00a0\u200b\ufeff\ufffd😀\U0010ffff")

func lineText(t *rapid.T, name string) string {
	return rapid.StringOfN(rapid.SampledFrom(lineRunes), 1, 12, -1).Draw(t, name)
}

func rawTextOf(t *rapid.T, name string) string {
	runes := append([]rune("\r\n\t"), lineRunes...)
	return rapid.StringOfN(rapid.SampledFrom(runes), 1, 12, -1).Draw(t, name)
}

func anySubmission() *rapid.Generator[*attestation.Submission] {
	return rapid.Custom(func(t *rapid.T) *attestation.Submission {
		s := new(attestation.Submission)
		fill(t, reflect.ValueOf(s).Elem(), "Submission")
		return s
	})
}

func fill(t *rapid.T, v reflect.Value, name string) {
	switch p := v.Addr().Interface().(type) {
	case *attestation.Digest:
		*p = attestation.Digest("sha-256:" + hex.EncodeToString(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, name)))
		return
	case *attestation.Target:
		fillTarget(t, p)
		return
	case *attestation.Result:
		fillResult(t, p)
		return
	case *attestation.Trustmark:
		fillStruct(t, v)
		if p.Link != nil {
			p.Data = ""
		} else {
			p.Data = rawTextOf(t, "data")
		}
		return
	case *[]attestation.Extension:
		for i := range rapid.IntRange(0, 2).Draw(t, name) {
			*p = append(*p, attestation.Extension{URI: fmt.Sprintf("urn:x%d", i), Value: freeJSON(t, 3)})
		}
		return
	case *attestation.Residual:
		*p = attestation.Residual{Format: lineText(t, "format"), Path: lineText(t, "path"), Kind: "member", Fragment: rawTextOf(t, "fragment")}
		return
	case *attestation.Flag:
		*p = rapid.SampledFrom([]attestation.Flag{attestation.False, attestation.True}).Draw(t, name)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		fillStruct(t, v)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), name)
	case reflect.Slice:
		n := rapid.IntRange(1, 2).Draw(t, name+" length")
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(t, v.Index(i), name)
		}
	case reflect.Int:
		v.SetInt(int64(rapid.IntRange(1, 1<<53-1).Draw(t, name)))
	case reflect.String:
		values := enums[name]
		if values == nil {
			values = enums[v.Type().Name()]
		}
		if values != nil {
			v.SetString(rapid.SampledFrom(values).Draw(t, name))
			return
		}
		v.SetString(lineText(t, name))
	default:
		panic("no generator for " + v.Type().String())
	}
}

func fillStruct(t *rapid.T, v reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name := v.Type().Name() + "." + f.Name
		optional := strings.Contains(f.Tag.Get("json"), ",omit") && !required[name]
		if optional && rapid.IntRange(0, 9).Draw(t, name+"?") < 6 {
			continue
		}
		fill(t, v.Field(i), name)
	}
	fix(t, v)
}

// fix sets one optional field of a struct whose fields are all optional and
// that must not be empty.
func fix(t *rapid.T, v reflect.Value) {
	if !v.IsZero() || v.Type().Name() == "SellThrough" {
		return
	}
	i := rapid.IntRange(0, v.NumField()-1).Draw(t, "one field")
	fill(t, v.Field(i), v.Type().Name()+"."+v.Type().Field(i).Name)
}

func fillTarget(t *rapid.T, p *attestation.Target) {
	if rapid.Bool().Draw(t, "by digest") {
		fill(t, reflect.ValueOf(&p.Digest).Elem(), "Digest")
		return
	}
	*p = attestation.Target{Issuer: lineText(t, "issuer"), Scheme: lineText(t, "scheme"), Number: lineText(t, "number")}
}

func fillResult(t *rapid.T, p *attestation.Result) {
	switch rapid.IntRange(0, 2).Draw(t, "kind of result") {
	case 0:
		fillStruct(t, reflect.ValueOf(&p.Qty).Elem())
	case 1:
		p.Name = lineText(t, "name")
		fill(t, reflect.ValueOf(&p.Text).Elem(), "Text")
	default:
		p.Name, p.Score = lineText(t, "name"), lineText(t, "score")
	}
}

// freeJSON is any JSON without numbers in the form of RFC 8785.
func freeJSON(t *rapid.T, depth int) []byte {
	kind := rapid.IntRange(0, 6).Draw(t, "json")
	if depth == 0 {
		kind %= 4
	}
	switch kind {
	case 0:
		return []byte("true")
	case 1:
		return []byte("false")
	case 2:
		return []byte("null")
	case 3:
		return quote(rapid.SampledFrom([]string{"", rawTextOf(t, "text")}).Draw(t, "string"))
	case 4, 5:
		var items []string
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			items = append(items, string(freeJSON(t, depth-1)))
		}
		return []byte("[" + strings.Join(items, ",") + "]")
	default:
		names := []string{"", "A", "a b", "中"}
		var items []string
		for _, n := range names[:rapid.IntRange(0, len(names)).Draw(t, "members")] {
			items = append(items, string(quote(n))+":"+string(freeJSON(t, depth-1)))
		}
		slices.Sort(items)
		return []byte("{" + strings.Join(items, ",") + "}")
	}
}
