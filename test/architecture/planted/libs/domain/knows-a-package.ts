// planted: domain-packages
import { LRUCache } from 'lru-cache';
export const found = LRUCache;
