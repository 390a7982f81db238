package untp

import (
	"strings"

	"accord/attestation"
	"accord/formats/dialect"
)

// systemRec20 is UNECE Recommendation 20, the one list of units that the
// credential has.
const systemRec20 = "unece.rec20"

// metricURI is the URN of a metric that has only a name.
func metricURI(name string) string {
	return string(appendEscaped([]byte("urn:accord:metric:"), name, false))
}

// performance writes results; 0.7.0 demands the list, were it empty.
func (e *encoder) performance(results []attestation.Result) {
	if e.v.old() {
		e.declared(results)
		return
	}
	e.raw(`,"assessedPerformance":[`)
	e.in("results")
	for i := range results {
		r := &results[i]
		e.item(i)
		e.comma()
		e.raw(`{"metric":{"type":["PerformanceMetric"]`)
		e.str(`"id":`, metricURI(r.Name))
		e.str(`"name":`, r.Name)
		e.raw("}")
		e.measured(r)
		e.raw("}")
		e.out()
	}
	e.out()
	e.raw("]")
}

// measured writes the measure or the score of a result.
func (e *encoder) measured(r *attestation.Result) {
	switch {
	case len(r.Text) > 0:
		e.raw(`,"score":{`)
		e.str(`"code":`, e.pick("text", r.Text))
		e.raw("}")
		e.lose(dialect.Warning, dialect.Moved, "text")
	case r.Score != "":
		e.raw(`,"score":{`)
		e.str(`"code":`, r.Score)
		e.raw("}")
	case r.Unit.System != systemRec20:
		e.raw(`,"score":{`)
		e.str(`"code":`, string(r.Value)+" "+r.Unit.Code)
		e.raw("}")
		e.lose(dialect.Warning, dialect.Moved, "")
	default:
		e.raw(`,"measure":{"value":`)
		e.number("value", r.Value)
		if r.Upper != "" {
			e.raw(`,"upperTolerance":`)
			e.number("upper", r.Upper)
		}
		if r.Lower != "" {
			e.raw(`,"lowerTolerance":`)
			e.number("lower", r.Lower)
		}
		e.str(`"unit":`, r.Unit.Code)
		e.raw("}")
		e.unsaidOfQuantity(&r.Qty)
	}
}

func (e *encoder) unsaidOfQuantity(q *attestation.Qty) {
	if len(q.Unit.Label) > 0 {
		e.lose(dialect.Info, dialect.Dropped, "unit/label")
	}
	for _, f := range [...]struct {
		name string
		has  bool
	}{
		{"expandedUncertainty", q.ExpandedUncertainty != ""}, {"coverageFactor", q.CoverageFactor != ""},
		{"coverageProbability", q.CoverageProbability != ""},
	} {
		if f.has {
			e.lose(dialect.Error, dialect.Dropped, f.name)
		}
	}
}

// declared writes results as 0.6 has them: quantities without bounds.
func (e *encoder) declared(results []attestation.Result) {
	open := false
	e.in("results")
	for i := range results {
		r := &results[i]
		e.item(i)
		if r.Unit.System != systemRec20 {
			e.lose(dialect.Error, dialect.Dropped, "")
			e.out()
			continue
		}
		if !open {
			e.raw(`,"declaredValue":[`)
			open = true
		}
		e.comma()
		e.raw(`{"type":["Metric"]`)
		e.str(`"metricName":`, r.Name)
		e.raw(`,"metricValue":{"type":["Measure"],"value":`)
		e.number("value", r.Value)
		e.str(`"unit":`, r.Unit.Code)
		e.raw("}}")
		for _, bound := range [...]struct {
			name  string
			value attestation.Dec
		}{{"lower", r.Lower}, {"upper", r.Upper}} {
			if bound.value != "" {
				e.lose(dialect.Error, dialect.Dropped, bound.name)
			}
		}
		e.unsaidOfQuantity(&r.Qty)
		e.out()
	}
	e.out()
	if open {
		e.raw("]")
	}
}

// number copies the digits of a decimal: JSON has no plus and no leading zeros,
// all else stays. A reader that calculates drops zeros at the end, so that such
// a number is a loss.
func (e *encoder) number(leaf string, d attestation.Dec) {
	s := strings.TrimPrefix(string(d), "+")
	sign := ""
	if rest, minus := strings.CutPrefix(s, "-"); minus {
		sign, s = "-", rest
	}
	for len(s) > 1 && s[0] == '0' && s[1] != '.' {
		s = s[1:]
	}
	e.raw(sign)
	e.raw(s)
	if sign+s != string(d) || strings.Contains(s, ".") && strings.HasSuffix(s, "0") || len(s) > 15 {
		e.lose(dialect.Info, dialect.Precision, leaf)
	}
}
