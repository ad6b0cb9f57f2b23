/** What the scripts of a page hang on its window. */
interface Window {
  kcngeo: any;
  $: any;
}
