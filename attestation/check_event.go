package attestation

import "accord/internal/fault"

// eventFields says which fields an event must and may have (domain.md, section
// 3.1). Fields that every event may have are not named.
type eventFields struct {
	event        Event
	reason       bool // reason or reasonCode is required
	until        bool // may have until
	sellThrough  bool // may have sellThrough
	supersededBy bool // must have supersededBy; others may not
	corrects     bool // must have corrects and one of three reasons; others may not have corrects
}

// ending lists the events that have fields of their own.
var ending = []eventFields{
	{event: EventSuspend, reason: true, until: true, sellThrough: true},
	{event: EventWithdraw, reason: true, sellThrough: true},
	{event: EventCancel, reason: true, sellThrough: true},
	{event: EventSupersede, sellThrough: true, supersededBy: true},
	{event: EventCorrect, corrects: true},
}

func fieldsOf(ev Event) eventFields {
	for i := range ending {
		if ending[i].event == ev {
			return ending[i]
		}
	}
	return eventFields{event: ev}
}

// event checks the fields of one event; the history as a whole is checked apart.
func (c *checker) event(v *StatusEvent) {
	c.word("event", string(v.Event), EnumEvent)
	c.date("effective", &v.Effective)
	c.optDate("until", v.Until)
	c.text("reason", v.Reason, freeText)
	sub(c, "reasonCode", v.ReasonCode, (*checker).code)
	sub(c, "by", v.By, (*checker).party)
	sub(c, "evidence", v.Evidence, (*checker).link)
	if v.SellThrough != nil {
		c.in("sellThrough")
		c.optDate("until", v.SellThrough.Until)
		c.out()
	}
	sub(c, "supersededBy", v.SupersededBy, (*checker).target)
	f := fieldsOf(v.Event)
	c.eventMust(v, f)
	c.eventMayNot(v, f)
	c.ordered("until", &v.Effective, v.Until, "ends before it takes effect")
}

func (c *checker) eventMust(v *StatusEvent, f eventFields) {
	if f.reason && len(v.Reason) == 0 && v.ReasonCode == nil {
		c.missing("reason")
	}
	if f.supersededBy && v.SupersededBy == nil {
		c.missing("supersededBy")
	}
	if !f.corrects {
		return
	}
	if v.Corrects == 0 {
		c.missing("corrects")
	}
	switch {
	case v.ReasonCode == nil:
		c.missing("reasonCode")
	case !EnumCorrection.Has(v.ReasonCode.Code):
		c.in("reasonCode")
		c.format("code", "want enteredInError, appealUpheld or courtOrder")
		c.out()
	}
}

func (c *checker) eventMayNot(v *StatusEvent, f eventFields) {
	const elsewhere = "does not belong to this event"
	if v.Until != nil && !f.until {
		c.format("until", elsewhere)
	}
	if v.SellThrough != nil && !f.sellThrough {
		c.format("sellThrough", elsewhere)
	}
	if v.SupersededBy != nil && !f.supersededBy {
		c.format("supersededBy", elsewhere)
	}
	if v.Corrects != 0 && !f.corrects {
		c.format("corrects", elsewhere)
	}
}

// events checks the history that a document tells: each event, their order and
// transitions, and that they lie within the dates.
func (c *checker) events(s *Submission) {
	c.some("statusEvents", len(s.StatusEvents))
	before := len(c.errors)
	each(c, "statusEvents", s.StatusEvents, (*checker).event)
	if len(s.StatusEvents) == 0 || len(c.errors) > before {
		return // what cannot be read cannot be folded
	}
	if _, err := NewHistory(s.StatusEvents); err != nil {
		f := fault.All(err)[0]
		c.errors = append(c.errors, Finding{f.Code, f.At, f.Detail, SeverityError})
		return
	}
	c.eventsWithin(s)
	c.revisionEvent(s)
}

// eventsWithin: the history does not begin before the first issue, and after the
// expiry there are only events that an expired document may have.
func (c *checker) eventsWithin(s *Submission) {
	c.in("statusEvents")
	defer c.out()
	c.item(0)
	c.ordered("effective", s.firstDate(), &s.StatusEvents[0].Effective, "the history begins before the document was first issued")
	c.out()
	end := s.Dates.ends()
	if end.IsZero() {
		return
	}
	for i := range s.StatusEvents {
		ev := &s.StatusEvents[i]
		if row(ev.Event).when != always && !ev.Effective.Instant().Before(end) {
			c.item(i)
			c.fail(fault.DocDateOrder, "effective", "takes effect after the expiry of the document")
			c.out()
		}
	}
}

// firstDate returns the date before which nothing can have happened; nil when it
// is not known, because the document was re-issued and does not say when it was
// first issued.
func (s *Submission) firstDate() *DateV {
	if s.Dates.FirstIssued != nil {
		return s.Dates.FirstIssued
	}
	if len(s.StatusEvents) > 1 {
		return nil
	}
	first := &s.Dates.Issued
	for _, d := range []*DateV{s.Dates.Decided, s.Dates.ValidFrom} {
		if d != nil && d.Instant().Before(first.Instant()) {
			first = d
		}
	}
	return first
}

// revisionEvent: the last event of a document that replaces another is the one
// that the new revision adds.
func (c *checker) revisionEvent(s *Submission) {
	last := len(s.StatusEvents) - 1
	if s.Replaces == "" || last > 0 && s.StatusEvents[last].Event.Carriers()&ByRevision != 0 {
		return
	}
	c.in("statusEvents")
	c.item(last)
	c.fail(fault.StatusIllegalTransition, "event",
		"a new revision adds one event: amend, extendScope, reduceScope, renew, restoreAfterExpiry or correct")
	c.out()
	c.out()
}
