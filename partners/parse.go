package partners

// ParsePartner reads and validates a partner record by itself; all findings come
// at once. In a registry change the record stands in the body.
func ParsePartner(body []byte) (*Partner, error) {
	return parseAs[*Partner](TargetPartner, body)
}

// ParseAgreement reads and validates an agreement.
func ParseAgreement(body []byte) (*Agreement, error) {
	return parseAs[*Agreement](TargetAgreement, body)
}

// ParseDesignation reads and validates a designation.
func ParseDesignation(body []byte) (*Designation, error) {
	return parseAs[*Designation](TargetDesignation, body)
}

// ParseSanction reads and validates a sanction.
func ParseSanction(body []byte) (*Sanction, error) {
	return parseAs[*Sanction](TargetSanction, body)
}

func parseAs[T value](kind TargetKind, body []byte) (T, error) {
	var none T
	v, err := readValue(kind, body)
	if err != nil {
		return none, err
	}
	if err := validated(v); err != nil {
		return none, err
	}
	return v.(T), nil
}

// validated returns everything that is wrong with a value.
func validated(v value) error {
	f := &findings{material: &material{}}
	v.validate(f, "")
	return f.err()
}

// Validate returns everything that is wrong with the record, with JSON Pointers.
func (p *Partner) Validate() error { return validated(p) }

// Validate returns everything that is wrong with the agreement.
func (a *Agreement) Validate() error { return validated(a) }

// Validate returns everything that is wrong with the designation.
func (d *Designation) Validate() error { return validated(d) }

// Validate returns everything that is wrong with the sanction.
func (s *Sanction) Validate() error { return validated(s) }
