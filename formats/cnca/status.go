package cnca

import (
	"cmp"
	"slices"
	"time"

	"accord/attestation"
	"accord/formats/dialect"
	"accord/internal/fault"
)

// statusSystem is the system of the words for a status.
const statusSystem = "cn.cnca.status"

// word is one way in which the register writes a status.
type word struct {
	text   string
	code   string
	status attestation.Status
}

// words are those of domain.md, section 3.1: the code, the word, then others for
// the same.
var words = []word{
	{"01", "01", attestation.Valid}, {"有效", "01", attestation.Valid}, {"正常", "01", attestation.Valid}, {"新立", "01", attestation.Valid},
	{"02", "02", attestation.Suspended}, {"暂停", "02", attestation.Suspended},
	{"03", "03", attestation.Withdrawn}, {"撤销", "03", attestation.Withdrawn},
	{"04", "04", attestation.Cancelled}, {"注销", "04", attestation.Cancelled},
	{"无效(依申请注销)", "04", attestation.Cancelled}, {"无效（依申请注销）", "04", attestation.Cancelled},
	{"过期失效", "01", attestation.Expired}, {"已过期", "01", attestation.Expired},
	{"无效(逾期未换证)", "01", attestation.Expired}, {"无效（逾期未换证）", "01", attestation.Expired},
}

func wordOf(text string) (word, bool) {
	for _, w := range words {
		if w.text == text {
			return w, true
		}
	}
	return word{}, false
}

// status is what a record says of the status, before it becomes a history.
type status struct {
	word                                                    string
	suspended, until, withdrawn, cancelled                  *attestation.DateV
	suspendReason, withdrawReason, cancelReason, changeText string
	changeField                                             string
}

// history makes the events of a record. dated says that the form has fields for
// their dates; elsewhere the last date known is taken.
func (d *decoder) history(field string, dated bool) {
	s, dates := &d.status, &d.s.Dates
	begin := dates.Issued
	if dates.FirstIssued != nil {
		begin = *dates.FirstIssued
	}
	d.event(field, attestation.StatusEvent{Event: attestation.EventIssue, Effective: begin})
	if s.word == "" {
		d.r.fail(fault.SchemaMissingField, field, "required")
		return
	}
	w, ok := wordOf(s.word)
	if !ok {
		d.r.fail(fault.SchemaFormat, field, "not a status that can be read: want 01 有效, 02 暂停, 03 撤销 or 04 注销")
		return
	}
	if s.changeText != "" && dates.Changed != nil {
		d.event(s.changeField, attestation.StatusEvent{Event: attestation.EventAmend, Effective: *dates.Changed, Reason: said(mainLang, s.changeText)})
	}
	d.suspension(w, field, dated)
	switch w.status {
	case attestation.Withdrawn:
		d.ending(field, "撤销日期", attestation.EventWithdraw, s.withdrawn, s.withdrawReason, dated)
	case attestation.Cancelled:
		d.ending(field, "注销时间", attestation.EventCancel, s.cancelled, s.cancelReason, dated)
	}
	d.order()
}

// suspension: a suspension that is told of a certificate which is valid again
// ended by a restoration.
func (d *decoder) suspension(w word, field string, dated bool) {
	s := &d.status
	now := w.status == attestation.Suspended
	if s.suspended == nil && !now {
		return
	}
	start := s.suspended
	if start == nil {
		if start = d.lastKnown("暂停开始", dated); start == nil {
			return
		}
	}
	ev := attestation.StatusEvent{Event: attestation.EventSuspend, Effective: *start, Until: s.until, ReasonCode: &attestation.Code{System: statusSystem, Code: "02"}}
	if now {
		ev.ReasonCode.Code = s.word
	}
	if s.suspendReason != "" {
		ev.Reason = said(mainLang, s.suspendReason)
	}
	d.event(field, ev)
	if w.status == attestation.Valid || w.status == attestation.Expired {
		if s.until == nil {
			d.r.fail(fault.SchemaMissingField, "暂停结束", "the certificate is valid again: say since when")
			return
		}
		d.event("暂停结束", attestation.StatusEvent{Event: attestation.EventRestore, Effective: *s.until})
	}
}

func (d *decoder) ending(field, dateField string, ev attestation.Event, at *attestation.DateV, reason string, dated bool) {
	if at == nil {
		if at = d.lastKnown(dateField, dated); at == nil {
			return
		}
	}
	e := attestation.StatusEvent{Event: ev, Effective: *at, ReasonCode: &attestation.Code{System: statusSystem, Code: d.status.word}}
	if reason != "" {
		e.Reason = said(mainLang, reason)
	}
	d.event(field, e)
}

// lastKnown is the date of a status that the form has no date for.
func (d *decoder) lastKnown(dateField string, dated bool) *attestation.DateV {
	if dated {
		d.r.fail(fault.SchemaMissingField, dateField, "the status needs its date")
		return nil
	}
	d.assumed(dialect.Warning, d.name)
	at := cmp.Or(d.s.Dates.Changed, d.s.Dates.Reported, &d.s.Dates.Issued)
	if e := d.s.Dates.Expires; e != nil && e.EndInstant().Before(at.Instant()) {
		at = &d.s.Dates.Issued
	}
	plain := *at
	plain.Lexical, plain.Inclusive = "", attestation.Unset
	return &plain
}

func (d *decoder) event(field string, ev attestation.StatusEvent) {
	ev.Seq = len(d.s.StatusEvents) + 1
	d.s.StatusEvents = append(d.s.StatusEvents, ev)
	d.eventOf = append(d.eventOf, field)
}

// order puts the events in the order of their dates.
func (d *decoder) order() {
	events, from := d.s.StatusEvents, d.eventOf
	if slices.IsSortedFunc(events, func(a, b attestation.StatusEvent) int { return a.Effective.Instant().Compare(b.Effective.Instant()) }) {
		return
	}
	order := make([]int, len(events))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order[1:], func(a, b int) int { return events[a].Effective.Instant().Compare(events[b].Effective.Instant()) })
	sorted, fields := make([]attestation.StatusEvent, 0, len(events)), make([]string, 0, len(events))
	for n, i := range order {
		ev := events[i]
		ev.Seq = n + 1
		sorted, fields = append(sorted, ev), append(fields, from[i])
	}
	d.s.StatusEvents, d.eventOf = sorted, fields
}

// asserted returns the status that the events end in.
func (e *encoder) asserted() attestation.Status {
	if !e.statusKnown {
		far := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
		e.status, e.statusKnown = attestation.StatusAt(e.s.StatusEvents, &e.s.Dates, far).Asserted, true
	}
	return e.status
}

// statusWord writes a status: the word that was read where it still says the
// same, else the code or, in the look-up, the word.
func (e *encoder) statusWord(inWords bool) string {
	is := e.asserted()
	want := map[attestation.Status]string{attestation.Suspended: "02", attestation.Withdrawn: "03", attestation.Cancelled: "04", attestation.Superseded: "04"}[is]
	if want == "" {
		want = "01"
	}
	for i := len(e.s.StatusEvents) - 1; i >= 0; i-- {
		if c := e.s.StatusEvents[i].ReasonCode; c != nil && c.System == statusSystem {
			if w, ok := wordOf(c.Code); ok && w.code == want && want != "01" && !inWords == (w.text == w.code) {
				return c.Code
			}
			break
		}
	}
	if inWords {
		for _, w := range words {
			if w.code == want && w.text != want {
				return w.text
			}
		}
	}
	return want
}

// last returns the last event of a sort, nil if there is none.
func (e *encoder) last(ev attestation.Event) *attestation.StatusEvent {
	for i := len(e.s.StatusEvents) - 1; i >= 0; i-- {
		if e.s.StatusEvents[i].Event == ev {
			return &e.s.StatusEvents[i]
		}
	}
	return nil
}
