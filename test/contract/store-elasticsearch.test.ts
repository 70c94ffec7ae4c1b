/** The store suite on Elasticsearch. */
import { openBench } from '../integration/elasticsearch-bench.ts';
import { storeSuite } from './store.ts';

storeSuite('elasticsearch', openBench);
