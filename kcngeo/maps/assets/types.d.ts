/**
 * What the scripts of the maps are given and hand each other. Python writes the payloads
 * (fill_pages.py, fill_payload.py, theme_payload.py, layers_payload.py, render.py); blanks are null.
 * Indexes count the lists of the payload; from and to are indexes of months, half-open.
 */

type Language = "vi" | "en";
/** Words of a payload: one string where the languages say the same. */
type Words = string | { vi: string; en: string };
type LngLat = [lng: number, lat: number];
type Shape = Exclude<GeoJSON.Geometry, GeoJSON.GeometryCollection>;
type Area = GeoJSON.Polygon | GeoJSON.MultiPolygon;
/** Of an element: true for one without a value, null and false for none. */
type Attributes = Record<string, string | number | boolean | null>;

// ---- what every page has --------------------------------------------------------------------

type Say = ReturnType<typeof kcngeoWords.formatter>;

/** See words.js. */
interface Talk {
  language: Language;
  texts: Record<string, string>;
  say: Say;
  pick: (words: Words) => string;
  always: (run: () => void) => void;
  text: (key: string) => Text;
  name: <T extends Element>(node: T, attribute: string, key: string) => T;
  use: (language: Language) => void;
  still: () => Talk;
}

interface Payload {
  language: Language; // shown first
  texts: Record<string, Words>; // every word of the page
  synthetic: boolean; // whether the geometry is invented
  zone_color: string; // of the boundaries of zones
  context?: Context[]; // drawn under everything, lowest first
}

interface Context {
  kind: string;
  name: string | null;
  color: string;
  edge: string | null;
  geometry: Shape;
  town?: [name: string, at: LngLat, rank: number]; // of a ward that names one; 1 for the first
}

/** What an address asks for, and a page remembers in it; see link.js. */
type Place = Record<string, string | undefined>;

interface Found {
  title: string;
  detail: string;
  open: (from?: HTMLElement) => void;
}

/** What is drawn on a map by a geometry. */
type Drawn = L.Polyline | L.CircleMarker;
type Draw = (geometry: Shape, pane: string, style: L.CircleMarkerOptions) => Drawn;

/** What is told of one thing, see popup.js. */
type Popup = ReturnType<typeof kcngeoPopup>;

// ---- features in groups, on the maps of a day and in the themes of the fill map --------------

/** style: an "outline" has a thin fill, the mark of a "pin" is always seen. */
interface Group {
  id: string;
  label: Words;
  color: string;
  style: "area" | "outline" | "line" | "dashed" | "dotted" | "point" | "pin";
  mark: string;
  rank: number; // drawn in this order
}

interface Feature {
  group: number;
  zone: number; // below 0, or past the last: of none
  name: Words;
  number: number | null; // in the list
  geometry: Shape | null;
  inner?: LngLat | null; // a point inside, where the centre is outside
  label?: Words; // beside the number
  area_ha: number | null;
  facts: [label: number, words: Words][];
  notes: Words[];
  listed: Words | null; // what the list says of it
}

interface DrawnFeature {
  feature: Feature;
  layer: Drawn;
}

type Entry = Pick<Feature, "zone" | "name" | "number" | "listed"> & Partial<Pick<Feature, "geometry">>;

/** What a list says beside its entries; more: how many it leaves out. */
interface ListWords {
  list: Words;
  list_empty: Words;
  more?: number;
}

interface Use {
  id: string;
  label: Words;
  color: string;
}

/** Groups of features of one day. */
interface LayersPayload extends Payload {
  on: string; // the day
  zones: LayersZone[]; // last what belongs to none, without shape
  base: BaseLot[]; // lots under the groups
  uses: Use[]; // what the colours of the lots mean
  groups: Group[];
  labels: Words[]; // what facts are called
  features: Feature[]; // listed in this order
  notes: Words[]; // under the legend
}

interface LayersZone {
  id: string;
  name: Words;
  geometry: Area | null;
  facts: Words[];
}

interface BaseLot {
  id: string;
  lot: string | null;
  use: number;
  zone: number;
  geometry: Area;
}

// ---- the fill map ----------------------------------------------------------------------------

/** In an overview the zones stand here as if they were lots. */
interface FillPayload extends Payload {
  colors: Record<string, string>; // by status
  use_colors: Record<string, string>; // pale, by land use
  change_colors: Record<string, string>; // by what moved, see KINDS in fill_steps.js
  months: string[]; // reporting days, ascending
  definitions: Definition[];
  month_definition: number[]; // by month
  states: number[][]; // shares of the six statuses, sum 1
  zones: FillZone[];
  parcels: FillParcel[];
  simplify_m: number; // by how much boundaries were simplified; 0: not at all
  pictures?: Picture[]; // under the lots
  more?: { own: Words; themes: Theme[] }; // other themes of the last month; own: this one's name
}

interface Definition {
  id: string;
  label: Words;
  uses: string[]; // that are leasable
}

interface Picture {
  address: string;
  bounds: L.LatLngBoundsLiteral;
}

type Rate = [leased_ha: number | null, base_ha: number | null, rate: number | null];
type Stated = (number | null)[]; // hectares: the base, and by status

interface FillZone {
  id: string;
  name: string;
  reasons: [from: number, to: number, why: Words][]; // why it is not computable
  shapes: [from: number, to: number, geometry: Area][];
  rates: (Rate | null)[]; // by month; null: the zone does not count
  stated?: (Stated | null | 0)[]; // by month, as declared; null: nothing is published; 0: measured
  place?: LngLat; // of a zone nobody drew
  declared?: [month: number, words: Words];
  claim?: [month: number, words: Words];
  page?: string; // its own page, in an overview
}

/**
 * lot: its number, null where it has only its id; short: a shorter one, or null; place: where the
 * number stands, in degrees against the clock, metres along the words and across them.
 */
interface FillParcel {
  id: string;
  zone: number;
  use: string;
  lot: string | null;
  short: string | null;
  place: [lng: number, lat: number, angle: number, along_m: number, across_m: number] | null;
  area_ha: number;
  from: number;
  to: number;
  geometry: Area;
  states: [from: number, state: number][];
  entries?: LedgerEntry[];
}

type LedgerEntry = [from: number, to: number, status: string, area_ha: number | null,
  document: string | null, investor: string | null];

/** A lot as it is shown: the first four stay, the others are of the month and of the reader. */
interface Lot {
  parcel: FillParcel;
  index: number;
  zone: FillZone;
  isDrawn: boolean;
  state: number | null; // null: land outside the account
  shares: number[] | null; // of that state
  pale: string; // the colour of land outside the account
  paint: string | null; // the colour of a theme, which goes before
  group: Group | null | undefined; // of a theme; null: of none; undefined: no theme is shown
  isFaded: boolean;
  isSelected: boolean;
}

/** How a lot is painted, in Leaflet's words. */
interface LotStyle {
  color: string;
  weight: number;
  opacity: number;
  stroke: boolean;
  fillColor: string; // or where stripes are defined
  fillOpacity: number;
}

/** A pattern for a lot of several statuses; the shares have the sum 1. */
interface Stripes {
  id: string;
  parts: { share: number; color: string }[];
}

/** Lots as elements of the page or on a canvas; see lots.js. */
interface Surface {
  drawn: L.Layer; // has the lots' tooltip and hears their clicks
  lotOf: (layer: L.Layer) => Lot | null; // which lot that was
  show: (lots: Lot[]) => void; // exactly these are drawn
  restyle: (lots: Lot[]) => void; // some of them look otherwise
  raise: (lot: Lot) => void; // drawn above its neighbours
  bounds: (lot: Lot) => L.LatLngBounds;
  center: (lot: Lot) => L.LatLng;
  inView: () => (lot: Lot) => boolean; // tells of a lot whether it may be in view
}

/** What paints lots; it knows nothing of months. */
interface Painter extends Surface {
  fill: (lot: Lot) => string; // in words of CSS
  standIn: (lot: Lot, marker: L.Marker) => void; // the marker tells of the lot and opens it
}

/**
 * A zone in a month. geometry is null while the zone is not there or is not drawn: then place is
 * where it lies, if that is known. stated: as declared, null where nothing is published, 0 where
 * lots are measured.
 */
interface ZoneState {
  zone: FillZone;
  reasons: Words[];
  rate: Rate | null;
  isCounted: boolean;
  isShown: boolean;
  geometry: Area | null;
  place: LngLat | null;
  stated: Stated | null | 0;
  declared: Words | null;
  claim: Words | null;
}

/** The state of a month: lots that exist and are shown, and all zones. */
interface MonthState {
  index: number;
  definition: Definition;
  zones: ZoneState[];
  lots: Lot[];
  lotsByZone: Lot[][];
}

/** The words of a zone on the map; of a small one a ring, outer its radius, whole that without a crowd. */
interface Label {
  node: HTMLElement;
  marker: L.Marker;
  bounds: L.LatLngBounds;
  size: L.Point;
  isCounted: boolean;
  outer: number;
  whole: number;
  hectares: number;
  renderer: L.Renderer;
}

/** What a ring shows of a theme. */
interface RingParts {
  sums: number[];
  colors: string[];
  words: string;
  short: string;
}

/** Where a ring and its words stand; isClear: its line crosses nothing. */
interface RingPlace {
  box: L.Bounds;
  parts: L.Bounds[];
  line: [L.Point, L.Point] | null;
  isClear: boolean;
}

/** Words on the map and the room they take, see label_boxes.js; the angle in degrees. */
interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
  cos: number;
  sin: number;
  angle: number;
  wide: number;
  high: number;
}
type Meets = (one: Box, other: Box) => boolean;
interface Taken {
  take: (box: Box) => void;
  leave: (box: Box) => void;
  isFree: (box: Box, touch: Meets, own?: Box) => boolean;
}

/** A way to write a lot: number, marks, letters in pixels; lowest: of its height a lot must have. */
interface Writing {
  words: string;
  marks: string[];
  size: number;
  isStacked: boolean;
  lowest: number;
  width: number;
  height: number;
}
/** The room in a lot for words at an angle, in pixels. */
interface Turn {
  angle: number;
  along: number;
  across: number;
}
/** A lot in view, and how it is written, once a place is found. */
interface Seen {
  lot: Lot;
  at: L.Point;
  turns: Turn[];
  found: { way: Writing; box: Box } | null;
}

/** What words must keep clear of. */
interface Covered {
  boxes: L.Bounds[];
  lines: [L.Point, L.Point][];
}

type Steps = ReturnType<typeof kcngeoSteps.of>;
type MoveKind = "let" | "given_up" | "came" | "other";
/** What moved in a lot; hectares have a sign where land was let or given up. */
interface Move {
  index: number;
  kind: MoveKind;
  hectares: number;
}
/** What happened in a month, see fill_steps.js; zone is null where it is of all. */
interface Happening {
  kind: string;
  zone: number | null;
  from?: number;
  to?: number;
}

/** A theme of the fill map; lists of what is told are by zone. */
interface Theme extends ListWords {
  id: string;
  label: Words;
  title: Words;
  headline: Words;
  headlines: (Words | null)[];
  subtitle: Words;
  notes: Words[];
  facts: Words[][];
  groups: Group[];
  labels: Words[];
  lots: number[]; // the group of each lot, -1 for none
  hectares: (number | null)[]; // of each lot
  features: ThemeFeature[];
  listed: number; // how many of the list there are, with those left out
  on?: string; // the day, where it is not the last
}

/** A feature with the shape of a lot. */
interface LotFeature extends Pick<Feature, "group" | "zone" | "name" | "number" | "notes" | "listed"> {
  lot: number;
}
type ThemeFeature = LotFeature | (Feature & { lot?: undefined });
