// gen-sdk writes the SDKs that Pulumi generates from a package's schema:
//
//	gen-sdk <schema.json> <logo> <folder> <language>...
//
// The SDK of a language goes into the folder of that name.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/pkg/v3/codegen/dotnet"
	gosdk "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const tool = "exchange-dirsync"

var generators = map[string]func(*schema.Package) (map[string][]byte, error){
	"dotnet": func(pkg *schema.Package) (map[string][]byte, error) {
		return dotnet.GeneratePackage(tool, pkg, nil, nil)
	},
	"go": func(pkg *schema.Package) (map[string][]byte, error) {
		return gosdk.GeneratePackage(tool, pkg, nil)
	},
	"nodejs": func(pkg *schema.Package) (map[string][]byte, error) {
		return nodejs.GeneratePackage(tool, pkg, nil, nil, false, nil)
	},
	"python": func(pkg *schema.Package) (map[string][]byte, error) {
		return python.GeneratePackage(tool, pkg, nil, nil)
	},
}

func main() {
	if len(os.Args) < 5 {
		fail(fmt.Errorf("usage: gen-sdk <schema.json> <logo> <folder> <language>..."))
	}
	for _, language := range os.Args[4:] {
		fail(generate(os.Args[1], os.Args[2], os.Args[3], language))
	}
}

func generate(schemaFile, logo, folder, language string) error {
	generator, ok := generators[language]
	if !ok {
		return fmt.Errorf("no SDK can be generated for %q", language)
	}
	pkg, err := readPackage(schemaFile)
	if err != nil {
		return err
	}
	// The .NET generator downloads the logo. Here it gets the file, so no other host is needed.
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, logo)
	}))
	defer server.Close()
	pkg.LogoURL = server.URL
	files, err := generator(pkg)
	if err != nil {
		return fmt.Errorf("%s: %w", language, err)
	}
	for name, content := range files {
		path := filepath.Join(folder, language, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// readPackage reads the schema, and fails with everything that Pulumi finds wrong or doubtful in it. Each generator needs
// a package of its own, because it adds to it.
func readPackage(file string) (*schema.Package, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return nil, err
	}
	pkg, diagnostics, err := schema.BindSpec(spec, nil, schema.ValidationOptions{})
	if err != nil {
		return nil, err
	}
	if len(diagnostics) > 0 {
		return nil, diagnostics
	}
	return pkg, nil
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
