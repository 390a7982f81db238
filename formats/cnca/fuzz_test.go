package cnca_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"accord/formats/dialect"
	"accord/formats/native"
)

// FuzzDecode: whatever is read validates, goes through our own forms, and comes
// back as it was.
func FuzzDecode(f *testing.F) {
	for _, name := range []string{"report.json", "lookup.json"} {
		f.Add(file(f, name))
	}
	f.Add([]byte(`{"certNumber":"00199E2R0L/3","orgName":"示例","certiStatus":"02","zersda":"20170103","certiEDate":"2017-12-01","authProjCodeName":"a","checkC":"x"}`))
	f.Add([]byte(`{"证书编号":"2024990708000001","证书状态":"04","注销时间":"20250101","发证日期":"2024-09-26","委托人名称(主)":"a","产品名称及单元(主)":"b","规格型号":"a（b）;见附页"}`))
	report, _ := decode(f, "cnca", file(f, "report.json"))
	xml, _ := encode(f, "cnca+xml", report)
	f.Add(xml)
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, name := range []string{"cnca+json", "cnca+xml", "cnca-lookup+json", "cnca-lookup+xml"} {
			c := codec(t, name)
			s, _, err := c.Decode(src)
			if err != nil {
				continue
			}
			again, err := native.DecodeXML(native.AppendXML(nil, s))
			require.NoError(t, err)
			require.Equal(t, string(native.AppendJSON(nil, s)), string(native.AppendJSON(nil, again)))
			out, losses, err := c.Encode(s, dialect.Options{})
			require.NoError(t, err)
			for _, l := range losses {
				require.NotEqual(t, dialect.Error, l.Severity, "%+v\n%s", l, src)
			}
			back, _, err := c.Decode(out)
			require.NoError(t, err, "%s", out)
			require.Equal(t, string(native.AppendJSON(nil, s)), string(native.AppendJSON(nil, back)))
		}
	})
}
