import { expect, test } from 'vitest'
import { bucketUrl } from './s3-bucket.ts'

const keys = { accessKeyId: 'id', secretAccessKey: 'secret', region: 'eu-central-1' }

test.each([
  ['https://s3.eu-central-1.amazonaws.com', true, 'https://s3.eu-central-1.amazonaws.com/files/'],
  ['https://s3.eu-central-1.amazonaws.com', false, 'https://files.s3.eu-central-1.amazonaws.com/'],
  ['http://minio:9000', true, 'http://minio:9000/files/'],
  ['http://minio:9000', false, 'http://files.minio:9000/'],
])('a bucket of %s, in the path: %s', (endpoint, pathStyle, url) => {
  expect(bucketUrl({ endpoint, bucket: 'files', pathStyle, ...keys }).href).toBe(url)
})
