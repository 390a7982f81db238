// Package dcc owns the Digital Calibration Certificate of PTB, versions 2.4 to
// 3.2, as a dialect.
//
//	DCC ──► Decode ──► Submission (kind calibrationCertificate) + lifted binaries
//	    ◄── Encode ◄── the same, with its residual; or another calibration certificate
//
// The administrative data, statements and single real quantities are read into
// fields; formulae, lists, complex and hybrid quantities, comments, persons and
// the rest are residual (package carry), so that a certificate that came as a DCC
// is given back as the same canonical XML. Its XML signature is carried and told
// as the loss "proof": verifying it is for package signing/xmlsig, on the
// received octets. A calibration certificate of other origin is written with the
// administrative part of version 3.1.2 and what results the dialect has words
// for.
package dcc
