// Documents as the text that they are.

declare module "*.yaml?raw" {
	const text: string;
	export default text;
}
