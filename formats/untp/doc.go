// Package untp owns the UNTP Digital Conformity Credential of UN/CEFACT (DCC
// 0.7.0, 0.6.0 and 0.6.1) and the Digital Identity Anchor (DIA 0.7.0), as
// unsecured W3C credentials: what they say, not who signed them.
//
//	application/vc ──► check against the shape of its version ──► Submission
//	                   (version by @context)                      + residual + losses
//	Submission ──► credential of 0.7.0 or 0.6.1 + residual put back, + losses
//
// The shapes are one table; the published JSON Schemas of this package are made
// of it, and the checker walks it. What the specifications of the W3C say of
// receipt is obeyed where the schema is narrower: a type may be one string, a
// statusListIndex may be a string, a time without offset is UTC.
//
// A credential written from another dialect and read again is the same but for
// the losses that were reported. What a credential says in members that no field
// takes is found by writing what was read and comparing: every difference goes
// into the residual and is put back when the same version is written. Text is
// text: markup in it is carried as it is and means nothing.
package untp
