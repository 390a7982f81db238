package recognition

import (
	"fmt"
	"strings"
)

// rule is one row of a family's table: a check, and the words of the design
// that it obeys.
type rule struct {
	code   string
	clause string
	run    func(*frame) verdict
}

// verdict is what a check finds. It becomes a Check and, where it is
// conditional, Conditions.
type verdict struct {
	result     CheckResult
	letter     string // appended to the code: A03a to A03g
	detail     string
	evidence   []string
	conditions []Condition
	barred     bool // the body itself is suspended or sanctioned (cap 3)
}

func passed(format string, args ...any) verdict {
	return verdict{result: CheckPass, detail: fmt.Sprintf(format, args...)}
}

func failed(format string, args ...any) verdict {
	return verdict{result: CheckFail, detail: fmt.Sprintf(format, args...)}
}

func unknown(format string, args ...any) verdict {
	return verdict{result: CheckUnknown, detail: fmt.Sprintf(format, args...)}
}

func notApplicable(format string, args ...any) verdict {
	return verdict{result: CheckNotApplicable, detail: fmt.Sprintf(format, args...)}
}

// conditional stands on one condition, whose detail is that of the check.
func conditional(code ConditionCode, values []string, format string, args ...any) verdict {
	v := verdict{result: CheckConditional, detail: fmt.Sprintf(format, args...)}
	v.conditions = []Condition{{Code: code, Detail: v.detail, Values: values}}
	return v
}

// with adds what was looked at.
func (v verdict) with(evidence ...string) verdict {
	for _, e := range evidence {
		if e != "" {
			v.evidence = append(v.evidence, e)
		}
	}
	return v
}

// severity orders results inside one agreement: any fail, else any unknown,
// else any conditional.
func (r CheckResult) severity() int {
	switch r {
	case CheckFail:
		return 4
	case CheckUnknown:
		return 3
	case CheckConditional:
		return 2
	case CheckPass:
		return 1
	case CheckNotApplicable:
		return 0
	default:
		return 4 // a result that nobody defined recognises nothing
	}
}

// worst joins verdicts that must all hold: the worst result, the details of
// those that have it, and every condition.
func worst(vs ...verdict) verdict {
	out := verdict{result: CheckNotApplicable}
	for _, v := range vs {
		if v.result.severity() > out.result.severity() {
			out.result, out.letter = v.result, v.letter
		}
	}
	var details []string
	for _, v := range vs {
		out.barred = out.barred || v.barred
		out.conditions = append(out.conditions, v.conditions...)
		if v.result == out.result {
			details = append(details, v.detail)
			out.evidence = append(out.evidence, v.evidence...)
		}
	}
	out.detail = strings.Join(details, "; ")
	return out
}
