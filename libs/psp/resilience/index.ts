export { Bulkhead, type BulkheadLimits } from './bulkhead';
export * from './circuit-breaker';
export { LANES, type Lane } from './lanes';
export { PSP_OPERATIONS, type PspOperation, type Refusal } from './operation-rules';
export { LEAVES_WITHIN_MS, SendWindows, type SendWindow, type WindowedGateway } from '../send-windows';
export {
  protectGateway,
  type BreakerChange,
  type ProtectedGateway,
  type ProtectionLimits,
  type ProtectionState,
} from './protected-gateway';
