import { join } from "node:path";
import ts from "typescript";

// The Pulumi schema of the components, from the types and docstrings that TypeScript users see. Pulumi's own analyzer
// (@pulumi/pulumi/provider/experimental) accepts neither private fields nor optional enums as outputs, and knows neither
// secrets nor defaults.

const ROOT = join(import.meta.dirname, "../../..");
const PACKAGE = "exchange-dirsync";

/** A property, the items of an array, or the reference to a type. */
interface Property {
	type?: "string" | "boolean" | "integer" | "array";
	$ref?: string;
	items?: Property;
	plain?: true;
	secret?: true;
	default?: string | number | boolean;
	description?: string;
}

interface ObjectType {
	type: "object";
	description: string;
	properties: Record<string, Property>;
	required?: string[];
}

interface EnumType {
	type: "string";
	description: string;
	enum: { name: string; value: string; description: string }[];
}

interface Component {
	isComponent: true;
	description: string;
	inputProperties: Record<string, Property>;
	requiredInputs: string[];
	properties: Record<string, Property>;
	required: string[];
}

/** The part of a schema that follows from the code. */
export interface CodeSchema {
	resources: Record<string, Component>;
	types: Record<string, ObjectType | EnumType>;
}

/** Derives resources and types from what `src/index.ts` exports. Fails on a type that a schema cannot express. */
export function schemaFromTypes(): CodeSchema {
	const index = join(ROOT, "src/index.ts");
	const options: ts.CompilerOptions = {
		module: ts.ModuleKind.Node20,
		noLib: true,
		types: [],
	};
	const host = ts.createCompilerHost(options);
	// The declarations of other packages take most of the time and are not needed.
	host.resolveModuleNameLiterals = (names, from) =>
		names.map(({ text }) =>
			text.startsWith(".")
				? ts.resolveModuleName(text, from, options, host)
				: { resolvedModule: undefined },
		);
	const program = ts.createProgram([index], options, host);
	return new SchemaReader(program.getTypeChecker()).read(
		program.getSourceFile(index) as ts.SourceFile,
	);
}

class SchemaReader {
	readonly #checker: ts.TypeChecker;
	readonly #types: CodeSchema["types"] = {};
	/** Whether the types that are being read are those of outputs, which are never plain. */
	#inOutput = false;

	constructor(checker: ts.TypeChecker) {
		this.#checker = checker;
	}

	read(index: ts.SourceFile): CodeSchema {
		const exported = this.#checker.getExportsOfModule(
			this.#checker.getSymbolAtLocation(index) as ts.Symbol,
		);
		const classes = exported
			.map((symbol) => this.#original(symbol).valueDeclaration)
			.filter((declaration) => declaration !== undefined)
			.filter(ts.isClassDeclaration);
		const resources = classes.map((component) => [
			`${PACKAGE}:index:${component.name?.text}`,
			this.#component(component),
		]);
		return {
			resources: sortedByKey(Object.fromEntries(resources)),
			types: sortedByKey(this.#types),
		};
	}

	#component(component: ts.ClassDeclaration): Component {
		const creation = component.members.find(ts.isConstructorDeclaration);
		const args = this.#symbolOf(creation?.parameters[1]?.type);
		const outputs = component.members
			.filter(ts.isPropertyDeclaration)
			.filter(({ name }) => ts.isIdentifier(name));
		const inputs = this.#properties(this.#interfaceOf(args).members, {
			withDefaults: true,
		});
		this.#inOutput = true;
		const { properties, required } = this.#properties(outputs);
		this.#inOutput = false;
		return {
			isComponent: true,
			description: descriptionOf(component),
			inputProperties: inputs.properties,
			requiredInputs: inputs.required,
			properties,
			required,
		};
	}

	/**
	 * @param withDefaults only for the arguments of a component: for a required object whose type has defaults, Pulumi's
	 * generator for Go (3.276.0) writes code that does not compile
	 */
	#properties(
		members: readonly ts.Node[],
		{ withDefaults = false }: { withDefaults?: boolean } = {},
	) {
		const properties: Record<string, Property> = {};
		const required: string[] = [];
		for (const member of members) {
			if (!ts.isPropertySignature(member) && !ts.isPropertyDeclaration(member))
				throw unsupported(member);
			const name = member.name.getText();
			const { property, optional } = this.#property(member.type);
			properties[name] = {
				...property,
				...this.#documented(member, property, withDefaults),
			};
			if (!optional && !member.questionToken) required.push(name);
		}
		return { properties, required };
	}

	/** The schema of a property's type. It is plain unless it is an input or an output. */
	#property(node?: ts.TypeNode): { property: Property; optional: boolean } {
		const wrapped = wrappedType(node);
		if (!wrapped) {
			const value = this.#value(node);
			return {
				property: this.#inOutput ? value : plain(value),
				optional: false,
			};
		}
		const parts = ts.isUnionTypeNode(wrapped) ? [...wrapped.types] : [wrapped];
		const values = parts.filter(
			({ kind }) => kind !== ts.SyntaxKind.UndefinedKeyword,
		);
		if (values.length !== 1) throw unsupported(wrapped);
		return {
			property: this.#value(values[0]),
			optional: values.length < parts.length,
		};
	}

	#value(node?: ts.TypeNode): Property {
		switch (node?.kind) {
			case ts.SyntaxKind.StringKeyword:
				return { type: "string" };
			case ts.SyntaxKind.BooleanKeyword:
				return { type: "boolean" };
			// Each number of this package is a whole one: ports, seconds, minutes, and the registry value.
			case ts.SyntaxKind.NumberKeyword:
				return { type: "integer" };
			case ts.SyntaxKind.ArrayType:
				return {
					type: "array",
					items: this.#value((node as ts.ArrayTypeNode).elementType),
				};
			default:
				return { $ref: this.#declaredType(node) };
		}
	}

	/** Description, default and secrecy of a property, from its docstring. */
	#documented(member: ts.Node, { $ref }: Property, withDefaults: boolean) {
		const text = descriptionOf(member);
		const tag = ts
			.getJSDocTags(member)
			.find(({ tagName }) => tagName.text === "default");
		const stated = plainText(tag?.comment);
		const value = /^(true|false|\d+)$/.test(stated)
			? JSON.parse(stated)
			: this.#enumValue(stated, $ref);
		const isDefault = withDefaults && value !== undefined;
		return {
			// A default that is not a value of its own is text for people.
			description:
				stated && !isDefault
					? `${text} Default: ${value === undefined ? stated : `\`${value}\``}.`
					: text,
			...(isDefault && { default: value }),
			...(text.includes("It is kept secret.") && { secret: true as const }),
		};
	}

	/** The value of `Enum.Member`, a default of a property with that enum. */
	#enumValue(stated: string, $ref = ""): string | undefined {
		const type = this.#types[$ref.replace("#/types/", "")];
		return type && "enum" in type
			? type.enum.find(({ name }) => stated.endsWith(`.${name}`))?.value
			: undefined;
	}

	/** The reference to an interface or an enum, which becomes a type of the schema. */
	#declaredType(node?: ts.TypeNode): string {
		const symbol = this.#symbolOf(node);
		const token = `${PACKAGE}:index:${symbol.name}`;
		if (!(token in this.#types)) {
			const { valueDeclaration } = symbol;
			this.#types[token] =
				valueDeclaration && ts.isVariableDeclaration(valueDeclaration)
					? enumType(valueDeclaration)
					: this.#objectType(symbol);
		}
		return `#/types/${token}`;
	}

	#objectType(symbol: ts.Symbol): ObjectType {
		const declaration = this.#interfaceOf(symbol);
		const inherited = (declaration.heritageClauses ?? [])
			.flatMap(({ types }) => [...types])
			.flatMap(({ expression }) => [
				...this.#interfaceOf(
					this.#original(
						this.#checker.getSymbolAtLocation(expression) as ts.Symbol,
					),
				).members,
			]);
		const { properties, required } = this.#properties([
			...inherited,
			...declaration.members,
		]);
		return {
			type: "object",
			description: descriptionOf(declaration),
			properties,
			...(required.length > 0 && { required }),
		};
	}

	#interfaceOf(symbol: ts.Symbol): ts.InterfaceDeclaration {
		const declaration = symbol.declarations?.find(ts.isInterfaceDeclaration);
		if (!declaration) throw new Error(`${symbol.name} is not an interface`);
		return declaration;
	}

	#symbolOf(node?: ts.TypeNode): ts.Symbol {
		if (!node || !ts.isTypeReferenceNode(node)) throw unsupported(node);
		return this.#original(
			this.#checker.getSymbolAtLocation(node.typeName) as ts.Symbol,
		);
	}

	/** The declaration that an import or export names. */
	#original(symbol: ts.Symbol): ts.Symbol {
		return symbol.flags & ts.SymbolFlags.Alias
			? this.#checker.getAliasedSymbol(symbol)
			: symbol;
	}
}

/** `T` of `pulumi.Input<T>` and `pulumi.Output<T>`. */
function wrappedType(node?: ts.TypeNode): ts.TypeNode | undefined {
	return node &&
		ts.isTypeReferenceNode(node) &&
		/^pulumi\.(Input|Output)$/.test(node.typeName.getText())
		? node.typeArguments?.[0]
		: undefined;
}

function plain({ items, ...property }: Property): Property {
	return { ...property, ...(items && { items: plain(items) }), plain: true };
}

/** An object `as const`: its keys are the names, and its values the values. */
function enumType(declaration: ts.VariableDeclaration): EnumType {
	const { initializer } = declaration;
	if (!initializer || !ts.isAsExpression(initializer))
		throw unsupported(declaration);
	const { expression } = initializer;
	if (!ts.isObjectLiteralExpression(expression)) throw unsupported(expression);
	return {
		type: "string",
		description: descriptionOf(declaration.parent.parent),
		enum: expression.properties.map((member) => {
			if (
				!ts.isPropertyAssignment(member) ||
				!ts.isStringLiteral(member.initializer)
			)
				throw unsupported(member);
			return {
				name: member.name.getText(),
				value: member.initializer.text,
				description: descriptionOf(member),
			};
		}),
	};
}

function descriptionOf(node: ts.Node): string {
	const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
	const text = plainText(doc?.comment);
	if (!text) throw new Error(`${node.getText()} has no docstring`);
	return text;
}

/** A comment as one line. A `{@link X}` becomes `X` in backquotes. */
function plainText(comment?: string | ts.NodeArray<ts.JSDocComment>): string {
	return (ts.getTextOfJSDocComment(comment) ?? "")
		.replace(/\{@link (\w+)\}/g, "`$1`")
		.replaceAll(/(?<!\n)\n(?!\n)/g, " ")
		.trim();
}

function sortedByKey<T>(record: Record<string, T>): Record<string, T> {
	return Object.fromEntries(
		Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)),
	);
}

function unsupported(node?: ts.Node): Error {
	return new Error(`A schema cannot express ${node?.getText() ?? "nothing"}`);
}
