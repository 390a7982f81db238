package mongo

// CheckURI reads a connection string as Connect does, and reports what the
// driver would be told: its URI, and what people are shown.
func CheckURI(uri string) (clean, shown, password string, err error) {
	u, err := splitURI(uri)
	if err != nil {
		return "", "", "", err
	}
	_, err = Options{URI: uri}.client(u)
	return u.clean, u.shown, string(u.password.Reveal()), err
}
