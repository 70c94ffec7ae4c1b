/** Word pools of the invented company and the world around it. All domains are under the reserved `.example`. */

export const COMPANY = 'Alderway';
export const DOMAIN = 'alderway.example';

export const FIRST_NAMES =
  'Mara Tobias Ines Joel Priya Luca Hana Oskar Leila Marek Chidi Sofia Wen Emil Noor Dario Freya Kofi Yuki Ruben Alma Tariq Greta Milan Zoe Anton Bea Idris Carla Sven Maya Pavel Nadia Hugo Amara Theo Ruth Jonas Lin Vera Omar Elif Stefan Paula Ravi Ingrid Diego Salma Felix Ayo Marta Kenji Rosa Viktor Dina Lars Abena Nico Selma Hamid'.split(
    ' ',
  );

export const LAST_NAMES =
  'Ellison Brandt Okafor Lindqvist Moreau Tanaka Petrov Hadley Sorensen Varga Castellano Nkemelu Fischer Aydin Marlow Kowalski Rossi Dahl Iyer Beaumont Novak Osei Haddad Winther Carver Salinas Jansen Ferreira Bauer Choi Murray Lehtonen Quist Abara Keller Santoro Whitlock Zhang Voss Delgado Armitage Bekele Horvat Nyberg Pryce Rahman Steiner Tavares Ulrich Yilmaz'.split(
    ' ',
  );

export const FIRM_FRONT =
  'North Harbor Bright Stone Cedar Blue River Iron Summit Clear Gold Maple Silver East Frost Lake Wind Copper Vale Orchard Pine Ridge Field Sun'.split(
    ' ',
  );
export const FIRM_BACK =
  'field line works gate water ford bridge mark well haven point land crest side wick brook mill dale port reach'.split(
    ' ',
  );
export const FIRM_KIND =
  'Logistics,Foods,Retail,Textiles,Components,Shipping,Pharma,Furniture,Distribution,Packaging,Outdoor,Cycles,Motors,Wholesale'.split(
    ',',
  );

export const PRODUCTS = [
  'Route Planner',
  'Dock Scheduler',
  'Freight Ledger',
  'Carrier Portal',
  'Yard View',
  'Load Optimiser',
  'Returns Desk',
];

export const CITIES =
  'Rotterdam Leipzig Porto Gdansk Malmo Lyon Bristol Graz Bilbao Tallinn Turin Ghent Aarhus Brno Cork Izmir'.split(' ');

export const TOPICS = [
  'late deliveries',
  'a double booking of dock slots',
  'wrong weights on labels',
  'the CSV export',
  'login with single sign-on',
  'missing proof of delivery',
  'driver notifications',
  'the monthly usage report',
  'rate card changes',
  'time zones in the schedule',
  'returned pallets',
  'access for a new depot',
  'slow loading of the map view',
  'webhook retries',
  'rounding of fuel surcharges',
  'customs paperwork',
];

export const PROJECTS = [
  'Lighthouse',
  'Two-Hour Windows',
  'Paperless Yard',
  'Carrier Onboarding',
  'Green Miles',
  'Invoice Split',
  'Map Refresh',
  'Depot Rollout',
];

export const SERVICES = [
  'route-api',
  'dock-api',
  'ledger-core',
  'carrier-web',
  'label-printer',
  'geo-cache',
  'notify-worker',
  'auth-gateway',
  'billing-sync',
  'report-builder',
  'map-tiles',
  'event-bus',
];

export const REPOS = [
  'route-api',
  'dock-api',
  'ledger-core',
  'carrier-web',
  'infra-live',
  'design-system',
  'data-models',
  'mobile-driver',
  'edge-config',
  'onboarding-docs',
];

export const CHANNELS = [
  'general',
  'support-escalations',
  'finance-close',
  'eng-releases',
  'incidents',
  'sales-wins',
  'people-team',
  'data-questions',
  'facilities',
  'product-feedback',
];

export const DEPARTMENTS = [
  'Operations',
  'Finance',
  'Engineering',
  'People',
  'Sales',
  'Customer Care',
  'Data',
  'Legal',
];

/** Tables of the warehouse with their columns. */
export const TABLES: Record<string, readonly string[]> = {
  shipments: ['shipment_id', 'account_id', 'depot', 'status', 'weight_kg', 'promised_at', 'delivered_at'],
  dock_slots: ['slot_id', 'depot', 'starts_at', 'carrier_id', 'state'],
  invoices: ['invoice_no', 'account_id', 'amount_eur', 'issued_on', 'paid_on'],
  accounts: ['account_id', 'name', 'plan', 'region', 'renewal_on'],
  carriers: ['carrier_id', 'name', 'country', 'score'],
  usage_daily: ['day', 'account_id', 'feature', 'events'],
  tickets: ['ticket_id', 'account_id', 'opened_at', 'topic', 'minutes_to_first_reply'],
  depots: ['depot', 'city', 'gates', 'manager'],
  surcharges: ['month', 'fuel_index', 'percent'],
  returns: ['return_id', 'shipment_id', 'reason', 'credited_eur'],
};

/** Tables that only few people and jobs have business with. */
export const RESTRICTED_TABLES: Record<string, readonly string[]> = {
  employees_private: ['employee_id', 'full_name', 'home_address', 'date_of_birth', 'tax_no'],
  payroll_runs: ['employee_id', 'month', 'gross_eur', 'iban'],
  customer_contacts: ['contact_id', 'full_name', 'email', 'phone', 'notes'],
  auth_tokens: ['token_id', 'owner', 'token_hash', 'expires_at'],
  board_minutes: ['meeting_on', 'item', 'decision'],
  card_payments: ['payment_id', 'card_holder', 'pan_last4', 'amount_eur'],
};
