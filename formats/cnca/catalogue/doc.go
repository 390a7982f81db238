// Package catalogue owns the editions of the catalogue of products that need the
// China Compulsory Certification, as dated data: which product class stood in it
// under which name when, and by which route its conformity was shown.
//
// The catalogue is never a constant (domain.md, section 4.3). An edition changes
// what the one before it says of a class and leaves the rest; products.tsv has
// one line for each class and edition, with how well the fact is known. The
// facts were collected from public pages; they are no copy of the official annex,
// so what is not found is "not known here", never "not compulsory".
package catalogue
