export { Checkpoints } from './checkpoints';
export type { CheckpointPosition } from './checkpoints';
export {
  InvalidCursor,
  isReadStoreFailure,
  LedgerCannotAnswer,
  LedgerConflict,
  LedgerHalted,
  LedgerNotPrepared,
  LedgerSwitched,
  MalformedDocument,
  ProjectionGap,
  WriteContended,
} from './failures';
export { Heartbeats } from './heartbeats';
export type { HeartbeatAge, HeartbeatDetails } from './heartbeats';
export { Leases } from './leases';
export type { StoredLease } from './leases';
export {
  MAX_DOCUMENTS_PER_COMMAND,
  MAX_DOCUMENTS_PER_TRANSACTION,
  MAX_PAGE_SIZE,
  RECENT_PAYMENTS,
} from './limits';
export { DocumentVersions } from './document-versions';
export { DisputesModel } from './disputes';
export type { DisputePage, PaymentDispute } from './disputes';
export { needsPerson, PERSONS_FLOW_KINDS } from './open-flow';
export type { OpenFlow, OpenFlowKind, PersonsFlowKind } from './open-flow';
export { OpenFlowsModel } from './open-flows';
export type { ListedOpenFlow } from './open-flows';
export { PARKED_NOTICES, ParkedNoticesModel } from './parked-notices';
export type { ParkedDocument, StoredParkedNotice } from './parked-notices';
export { foldRun, NOT_STORED } from './payment-fold';
export type { FoldedPayment } from './payment-fold';
export { PaymentStatusModel } from './payment-status';
export type { PaymentPage, PaymentQuery, PaymentStatusOptions, StoredPayment } from './payment-status';
export { PAYMENT_STATUS } from './payment-status-form';
export type { ProjectedEvent } from './projected-event';
export { connectReadStore } from './read-store';
export type { ReadStore, ReadStoreOptions } from './read-store';
export { REFUND_STATUS, RefundStatusModel } from './refund-status';
export type { RefundStatusOptions, StoredRefund } from './refund-status';
export { PAYMENT_DOCUMENTS, REFUND_DOCUMENTS } from './stream-documents';
export type { DocumentModel, StreamDocuments } from './stream-documents';
export { runsOf } from './stream-runs';
export type { StreamRun } from './stream-runs';
export { LedgerCheck } from './verify/ledger-check';
export type { LedgerCheckDeps } from './verify/ledger-check';
export { DocumentsCheck } from './verify/documents-check';
export type { DocumentsCheckDeps } from './verify/documents-check';
export { ParkedNoticesCheck } from './verify/parked-check';
export type { ParkedNoticesCheckDeps } from './verify/parked-check';
export { SavedWalk } from './verify/saved-walk';
export { chained, sha256 } from './ledger/chain';
export { EXPORT_FORMATS, exportWriter } from './ledger/export-formats';
export type { ExportFormat, ExportWriter } from './ledger/export-formats';
export { exportManifest, exportRange, exportText, journalsIn } from './ledger/ledger-export';
export type { ControlTotal, ExportedFile, ExportManifest, ExportRange } from './ledger/ledger-export';
export type { JournalDocument, LineDocument } from './ledger/journal-document';
export { fromJournalDocument } from './ledger/journal-document';
export { LedgerBooks } from './ledger/ledger-books';
export type { AsOfSeq } from './ledger/ledger-books';
export {
  FIRST_LEDGER_VERSION,
  LEDGER_START,
  ledgerCollections,
  prepareLedger,
} from './ledger/ledger-collections';
export type {
  LedgerCheckpointDocument,
  LedgerCollections,
  LedgerVersion,
  StreamHeadDocument,
  TotalsDocument,
} from './ledger/ledger-collections';
export type { ChainedJournal, EntriesPage, EntriesQuery, LedgerEntry } from './ledger/ledger-entries';
export { chainedJournalOf } from './ledger/ledger-entries';
export { LedgerModels } from './ledger/ledger-models';
export type { LedgerHalt, LedgerPointer } from './ledger/ledger-models';
export type { AsOf } from './ledger/ledger-moment';
export { LedgerProjector } from './ledger/ledger-projector';
export type { LedgerProjectorOptions } from './ledger/ledger-projector';
export { storedHead } from './ledger/ledger-state';
export { bookEvents, postBatch, transactionsOf, UNREAD } from './ledger/posting';
export type { BookedEvent, LedgerEvent, LedgerHead, PostedBatch, StreamHead } from './ledger/posting';
export { accountTotalsId, keyTotalsId } from './ledger/totals';
export type { StoredTotals, Totals } from './ledger/totals';
export type { AccountTotals, TrialBalance, TrialBalanceQuery } from './ledger/trial-balance';
export { ledgerRebuild } from './rebuild/ledger-rebuild';
export { documentsRebuild } from './rebuild/documents-rebuild';
export { parkedNoticesRebuild } from './rebuild/parked-rebuild';
export type { Comparison, Rebuilt } from './rebuild/rebuilt';
