import { tryChurn } from '../support/channel-churn.ts'
import { testWithChannelCrowd } from '../support/channel-crowd.ts'

/** `channel-crowd.test.ts` has a thousand. */
tryChurn(testWithChannelCrowd(60), { perSecond: 20, seconds: 3 })
