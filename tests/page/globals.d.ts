/** What the scripts of a page hang on its window. */
interface Window {
  kcngeo?: Record<string, unknown>;
  $?: (subject: string | Document) => unknown;
}
