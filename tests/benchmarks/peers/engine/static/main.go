// The floor of a cold start: a static program that answers 204 to whatever comes.
package main

import (
	"net/http"
	"os"
)

func main() {
	answer := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
	if err := http.ListenAndServe(":"+os.Getenv("PORT"), http.HandlerFunc(answer)); err != nil {
		panic(err)
	}
}
