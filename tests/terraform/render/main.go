// Renders a chart as `helm install` would, with Helm's own engine: values come in as YAML, manifests go out.
package main

import (
	"fmt"
	"io"
	"os"
	"sort"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

func main() {
	if err := render(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func render(folder, namespace string) error {
	chart, err := loader.Load(folder)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	given, err := chartutil.ReadValues(text)
	if err != nil {
		return err
	}
	release := chartutil.ReleaseOptions{Name: chart.Name(), Namespace: namespace, IsInstall: true}
	values, err := chartutil.ToRenderValues(chart, given, release, chartutil.DefaultCapabilities)
	if err != nil {
		return err
	}
	// Strict: a value that is not declared in values.yaml is an error, not an empty text.
	manifests, err := engine.Engine{Strict: true}.Render(chart, values)
	if err != nil {
		return err
	}
	names := make([]string, 0, len(manifests))
	for name := range manifests {
		if strings.HasSuffix(name, ".yaml") {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Printf("---\n# %s\n%s\n", name, manifests[name])
	}
	return nil
}
